"""Logs: structlog over the standard library, console lines or JSON, keyed by the article's id."""

import logging
import os
import sys
from collections.abc import MutableMapping
from contextlib import suppress
from pathlib import Path
from typing import Any, TextIO

import structlog

from workers.masking import masked_in
from workers.output.printable import as_lines, json_escaped, printable
from workers.settings import Settings

#: Values in which there can be nothing that a terminal obeys.
_PLAIN = (int, float, type(None))


def set_up_logging(settings: Settings, file: Path | None = None) -> None:
    """Write all logs of this process to standard error, in the format and from the level of the settings.

    With `file` they are added to that file instead. Raises OSError if it cannot be written.
    """
    level = logging.getLevelNamesMapping()[settings.log_level.upper()]
    shared: list[structlog.typing.Processor] = [
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
        _mask,
    ]
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *shared,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=False,
    )
    handler = _LogFile(file, encoding="utf-8", errors="backslashreplace") if file else _StandardError()
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                *_renderers(as_json=settings.log_json, colours=file is None and _has_colours()),
            ],
            foreign_pre_chain=shared,
        )
    )
    root = logging.getLogger()
    for one in root.handlers:
        one.close()
    root.handlers[:] = [handler]
    root.setLevel(level)
    # At INFO these loggers write a line for each article.
    for noisy in ("celery.worker.strategy", "celery.app.trace", "urllib3", "trafilatura"):
        logging.getLogger(noisy).setLevel(max(level, logging.WARNING))


class _LogFile(logging.FileHandler):
    """A file that may be on a full disk: the work goes on, and standard error says once that records are missing."""

    _has_told = False

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 - logging's name
        """Say that the file cannot be written."""
        del record
        if not self._has_told:
            self._has_told = True
            why = printable(str(sys.exc_info()[1]))
            with suppress(OSError):
                sys.stderr.write(
                    f"newsmill: warning: The log {printable(self.baseFilename)} lacks records: {why}\n"
                )

    def close(self) -> None:
        """Close the file, whose last records may not fit."""
        with suppress(OSError):
            super().close()


class _StandardError(logging.StreamHandler[TextIO]):
    """Writes to what is standard error at that moment: while bars are shown, rich puts its own in place."""

    def __init__(self) -> None:
        logging.Handler.__init__(self)

    @property
    def stream(self) -> TextIO:  # type: ignore[override]
        return sys.stderr


def _has_colours() -> bool:
    """Tell whether standard error is a terminal that shows colours, and whose user wants them (https://no-color.org)."""
    return sys.stderr.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def _renderers(*, as_json: bool, colours: bool) -> list[structlog.typing.Processor]:
    if as_json:
        render = structlog.processors.JSONRenderer(ensure_ascii=False)
        return [lambda *event: json_escaped(str(render(*event)))]
    return [
        _escape,
        structlog.dev.ConsoleRenderer(colors=colours, exception_formatter=structlog.dev.plain_traceback),
    ]


def _mask(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Mask the passwords of URLs, also in what libraries log and raise."""
    return {name: masked_in(one) if isinstance(one, str) else one for name, one in event.items()}


def _escape(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Escape what a terminal would obey: values come from pages, lists and servers.

    The lines of a traceback are indented, so that none of them can pass for a line of the log.
    """
    escaped = {name: one if isinstance(one, _PLAIN) else printable(_text(one)) for name, one in event.items()}
    if "exception" in event:
        escaped["exception"] = as_lines(event["exception"])
    return escaped


def _text(value: object) -> str:
    """Return a value as the console's renderer would print it."""
    return value if isinstance(value, str) else repr(value)
