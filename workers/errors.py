"""Errors that a user can put right: one class, whose message is all that the user sees. The exit codes of all commands."""

#: Exit code of a command that found or took nothing.
NOTHING = 1
#: Exit code of a process that an error of the user has ended, and of a wrong call.
EXIT_CODE = 2
#: Exit code of a command that Ctrl-C has ended: 128 and the number of the signal, as shells have it.
INTERRUPTED = 130
#: Exit code of a run that SIGTERM has ended, likewise; other commands die of the signal, which shells show as the same.
TERMINATED = 143


class UserError(Exception):
    """An error that the user of a command can put right.

    The message says what is wrong and what to do, in one line; the command line prints it and exits with
    EXIT_CODE.
    """
