"""Grades, kept in one file and shown: the store, the course's policy, exports and reports."""
