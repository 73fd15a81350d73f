"""The errors that users see: one sentence that says what is wrong and what to do."""


class AttendError(Exception):
    """An error that the user can correct; the command line prints it and exits with `exit_code`."""

    exit_code = 2
