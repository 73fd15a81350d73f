"""The lab: the course's claims, seen on models that really learn."""
