"""Errors that a user can put right: one class, whose message is all that the user sees."""

#: Exit code of a process that such an error has ended.
EXIT_CODE = 2


class UserError(Exception):
    """An error that the user of a command can put right.

    The message says what is wrong and what to do, in one line; the command line prints it and exits with
    EXIT_CODE.
    """
