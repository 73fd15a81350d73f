"""The labs: the course's claims, tested on models that are trained."""
