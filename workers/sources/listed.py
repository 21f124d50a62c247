"""A URL as people write it in a list."""

import re
from collections.abc import Sequence
from typing import Any

from workers.sources.bounds import LONGEST_LINE, LONGEST_NAME, LONGEST_REFUSED, MOST_NAMED
from workers.sources.source import ListedUrl, Refusal

#: Most URLs begin so, and need no further look.
_WEB = ("https://", "http://")
#: A host with a dot and what may follow it: what a browser's address bar takes for a URL. Of a word with a dot it cannot
#: be told apart, so that https:// is only put before it if the user says so.
_WITHOUT_SCHEME = re.compile(
    r"(?://)?(?:(?:[\w-]+\.)+(?:xn--[\w-]+|[^\W\d_]{2,})\.?|\d{1,3}(?:\.\d{1,3}){3})(?::\d{1,5})?(?:[/?#].*)?",
    re.DOTALL,
)
#: Characters that cannot be seen, and that copying from a page or a document puts around a URL.
_INVISIBLE = "\ufeff\u200b\u200c\u200d\u200e\u200f\u2060\u00ad"

NO_URL = "has no URL"
TOO_LONG = f"is longer than {LONGEST_LINE // 1024 // 1024} MB"
NO_SCHEME = "has no scheme: begin it with https://, or use --assume-https"
UNREADABLE = "is not readable in the encoding of the list: name the right one with --encoding"


def place(name: str, number: int) -> str:
    """Return where line `number` of the list `name` is."""
    return f"{name}:{number}"


def refused(where: str, reason: str, text: str) -> Refusal:
    """Return the refusal of a line or row, with its beginning."""
    return Refusal(where, reason, text.strip()[:LONGEST_REFUSED])


def named(names: Sequence[str]) -> str:
    """Return names of columns or keys for a message."""
    some = [name[:LONGEST_NAME] for name in names[:MOST_NAMED]]
    return ", ".join([*some, "..."] if len(names) > MOST_NAMED else some) or "none"


def listed(where: str, text: str, extras: dict[str, Any], *, assume_https: bool) -> ListedUrl | Refusal:
    """Return the URL that `text` is, as it was found at `where`, or why it is none."""
    if text.startswith(_WEB) and text.isascii():
        return ListedUrl(where, text, extras)
    url = text.strip().strip(_INVISIBLE)
    if not url:
        return refused(where, NO_URL, text)
    if "\ufffd" in url:
        return refused(where, UNREADABLE, text)
    if _WITHOUT_SCHEME.fullmatch(url):
        if not assume_https:
            return refused(where, NO_SCHEME, text)
        url = f"https://{url.removeprefix('//')}"
    return ListedUrl(where, url, extras)


def is_url(text: str, *, assume_https: bool) -> bool:
    """Tell whether a cell of a table has a URL and nothing else."""
    cell = text.strip().lower()
    return cell.startswith(_WEB) or (assume_https and bool(_WITHOUT_SCHEME.fullmatch(cell)))
