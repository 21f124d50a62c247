"""What a user can put right: one class, whose message is the whole of what the user is told."""

#: What a process exits with that a user's error has ended.
EXIT_CODE = 2


class UserError(Exception):
    """Something that the caller of a command can put right.

    The message says what is wrong and what to do, in one line; the command line prints it and exits with
    EXIT_CODE.
    """
