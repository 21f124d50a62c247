"""Errors that a user can put right: one class, whose message is all that the user sees. The exit codes of all commands."""

import errno

#: Exit code of a command that found or took nothing.
NOTHING = 1
#: Exit code of a process that an error of the user has ended, and of a wrong call.
EXIT_CODE = 2
#: Exit code of a command that Ctrl-C has ended: 128 and the number of the signal, as shells have it.
INTERRUPTED = 130
#: Exit code of a run that SIGTERM has ended, likewise; other commands die of the signal, which shells show as the same.
TERMINATED = 143

#: Errors of a disk without room: also for a quota, and for a file as large as files may be.
FULL = frozenset((errno.ENOSPC, errno.EDQUOT, errno.EFBIG))


def first_line(error: BaseException | None, nothing: str = "no reason given") -> str:
    """Return the first line of an error's message, without the full stop; `nothing` for an error without one."""
    return next(iter(str(error or "").strip().splitlines()), nothing).strip().rstrip(".")


class UserError(Exception):
    """An error that the user of a command can put right.

    The message says what is wrong and what to do, in one line; the command line prints it and exits with
    EXIT_CODE.
    """
