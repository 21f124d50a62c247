"""Warnings and errors that nobody catches: Python prints what they say as it is, and that may be from a page.

Here they are logged, and what a terminal obeys is escaped.
"""

import logging
import sys
import threading
import traceback
from types import TracebackType

from workers.masking import masked_in
from workers.output.printable import as_lines


def log_what_nobody_catches() -> None:
    """Log warnings, and errors that end this process or one of its threads, from now on."""
    logging.captureWarnings(capture=True)
    sys.excepthook = _uncaught
    threading.excepthook = lambda ended: _uncaught(ended.exc_type, ended.exc_value, ended.exc_traceback)
    sys.unraisablehook = lambda found: _uncaught(found.exc_type, found.exc_value, found.exc_traceback)


def _uncaught(kind: type[BaseException], error: BaseException | None, trace: TracebackType | None) -> None:
    if issubclass(kind, KeyboardInterrupt | SystemExit):
        return
    root = logging.getLogger()
    if root.handlers:
        root.critical("Unexpected error", exc_info=(kind, error or kind(), trace))
    if not any(getattr(one, "stream", None) is sys.stderr for one in root.handlers):
        # Nothing is logged yet, or to a file.
        text = "".join(traceback.format_exception(kind, error, trace))
        sys.stderr.write(as_lines(masked_in(text)) + "\n")
