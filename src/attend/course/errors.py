"""Errors for people to read: one sentence that says what to do."""


class AttendError(Exception):
    """An error that the user can correct; the command line prints its message and exits with `exit_code`."""

    exit_code = 2
