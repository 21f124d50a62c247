"""The command `newsmill`: nothing is imported before Ctrl-C is minded, so that it never ends in a traceback."""

import signal
import sys

from workers.errors import INTERRUPTED


def main() -> None:
    """Run the command line; never returns."""
    try:
        from workers.cli import main as run  # noqa: PLC0415 - takes 0.2 s, in which Ctrl-C may come

        run()
    except KeyboardInterrupt:
        sys.exit(INTERRUPTED)
    finally:
        signal.signal(signal.SIGINT, signal.SIG_DFL)  # while Python ends
