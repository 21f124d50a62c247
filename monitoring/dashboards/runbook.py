"""The entries of docs/runbook.md, one for each alert, so that a panel can link to its entry."""

import re
from dataclasses import dataclass
from pathlib import Path

RUNBOOK = Path(__file__).parents[2] / "docs" / "runbook.md"
_HEADING = re.compile(r"^## (\w+)\n", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Entry:
    """What to do about one alert."""

    alert: str
    #: Markdown, without the heading.
    text: str

    @property
    def anchor(self) -> str:
        """Return the heading's anchor as renderers of Markdown make it."""
        return self.alert.lower()


def entries(markdown: str) -> tuple[Entry, ...]:
    """Return the runbook's entries, in its order; one begins with a heading `## NameOfAlert`."""
    _, *parts = _HEADING.split(markdown)
    return tuple(Entry(alert, text.strip()) for alert, text in zip(parts[::2], parts[1::2], strict=True))
