"""Attend: an autograded course on attention."""

__version__ = "2026.1.0"
