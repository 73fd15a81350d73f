"""The errors that a person is meant to read: one sentence that says what to do."""


class AttendError(Exception):
    """Something that the user can put right; the command line prints it and exits with `exit_code`."""

    exit_code = 2
