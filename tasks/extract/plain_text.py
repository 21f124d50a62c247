"""Reading plain text: all of it is the article's text."""

# ruff: noqa: RUF001 - punctuation of several scripts

import re

from tasks.extract.characters import printable
from tasks.extract.fields import ExtractedFields

_DATE = re.compile(r"date\s*[:：]\s*(\d{4}-\d{2}-\d{2})\b", re.IGNORECASE)
#: First lines in which a `Date:` line is searched.
_HEAD = 10
#: Longest headline, in characters.
_LONGEST_HEADLINE = 200
_SENTENCE_END = re.compile(r"[.。．:：,;][\"'”’»)]*$")


def read_plain_text(text: str) -> ExtractedFields:
    """Return `text` without control characters, with the headline and the date at its beginning."""
    text = printable(text.replace("\r\n", "\n").replace("\r", "\n")).strip()
    lines = [line.strip() for line in text.split("\n") if line.strip()]
    dates = (_DATE.match(line) for line in lines[:_HEAD])
    return ExtractedFields(
        text=text, title=_headline(lines), date=next((date[1] for date in dates if date), None)
    )


def _headline(lines: list[str]) -> str | None:
    """Return the first line if it is like a headline and has text after it."""
    if len(lines) < 2:  # noqa: PLR2004 - a headline and a text
        return None
    first = lines[0]
    return first if len(first) <= _LONGEST_HEADLINE and not _SENTENCE_END.search(first) else None
