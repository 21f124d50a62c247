"""What `newsmill doctor` finds: one line a check, with what to do about it."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from workers.errors import first_line
from workers.masking import masked_in
from workers.settings import Settings

#: Seconds that a server may take to answer.
PATIENCE = 2


class Level(StrEnum):
    """How bad it is. Only `trouble` makes the exit code 1."""

    OK = "ok"
    #: It works, but not as well, or not as politely, as it could.
    WARNING = "warning"
    #: URLs are not processed, may be lost, or end up in the wrong place.
    TROUBLE = "trouble"


@dataclass(frozen=True, slots=True)
class Finding:
    """What one check has found; `advice` is a sentence that says what to do."""

    check: str
    level: Level
    found: str
    advice: str = ""

    @property
    def sentence(self) -> str:
        """Return the finding in words."""
        return " ".join(filter(None, (f"{self.check}: {self.found}.", self.advice)))

    def as_json(self) -> dict[str, Any]:
        """Return the finding as JSON types."""
        return {
            "check": self.check,
            "ok": self.level is Level.OK,
            "level": self.level.value,
            "found": self.found,
            "advice": self.advice or None,
        }


#: Looks at one thing, and changes nothing; what does not apply it leaves out.
Check = Callable[[Settings], Iterable[Finding]]


def ok(check: str, found: str) -> Finding:
    """Return a finding that needs nothing to be done."""
    return Finding(check, Level.OK, found)


def warning(check: str, found: str, advice: str) -> Finding:
    """Return a finding that can be put up with."""
    return Finding(check, Level.WARNING, found, advice)


def trouble(check: str, found: str, advice: str) -> Finding:
    """Return a finding that has to be put right."""
    return Finding(check, Level.TROUBLE, found, advice)


def told(error: BaseException | None) -> str:
    """Return the first line of an error's message, without passwords."""
    return masked_in(first_line(error, type(error).__name__))
