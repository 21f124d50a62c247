"""Reading a plain text document: what is there is the text."""

# ruff: noqa: RUF001 - punctuation of several scripts

import re

from tasks.extract.characters import printable
from tasks.extract.draft import Draft

_DATE = re.compile(r"date\s*[:：]\s*(\d{4}-\d{2}-\d{2})\b", re.IGNORECASE)
#: Lines at the top among which a `Date:` line is looked for.
_HEAD = 10
#: Longest headline, in characters.
_LONGEST_HEADLINE = 200
_SENTENCE_END = re.compile(r"[.。．:：,;][\"'”’»)]*$")


def read_document(text: str) -> Draft:
    """Return `text` as it is, but for control characters, with the headline and the day it begins with."""
    text = printable(text.replace("\r\n", "\n").replace("\r", "\n")).strip()
    lines = [line.strip() for line in text.split("\n") if line.strip()]
    dates = (_DATE.match(line) for line in lines[:_HEAD])
    return Draft(text=text, title=_headline(lines), date=next((date[1] for date in dates if date), None))


def _headline(lines: list[str]) -> str | None:
    """Return the first line if it reads like a headline and something follows it."""
    if len(lines) < 2:  # noqa: PLR2004 - a headline and what it heads
        return None
    first = lines[0]
    return first if len(first) <= _LONGEST_HEADLINE and not _SENTENCE_END.search(first) else None
