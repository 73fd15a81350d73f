"""A lean Gradescope autograder of our own: build its zip, run it in its container, write its results."""
