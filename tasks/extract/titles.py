"""The headline alone: without the name of the site, which most pages put behind it."""

# ruff: noqa: RUF001 - typographic dashes and bars

import re
from collections.abc import Iterable
from urllib.parse import urlsplit

# Between headline and site: a bar, or a dash, dot or chevron after white space ("each other? -TradeCircle").
_SEPARATOR = re.compile(r"\s*[|｜]\s*|\s+[-–—·•:»›~]+\s*")
#: Names in one title at most: "Headline | Section | Site".
_MOST_NAMES = 2
#: A name of fewer letters is part of too many words to be told by its beginning.
_SHORTEST_NAME = 3


def clean_title(title: str | None, *, headings: Iterable[str], site: str | None, url: str) -> str | None:
    """Return `title` without the site's name.

    The name is known as `site`, from the host of `url`, or as whatever follows one of the page's own
    `headings` (its h1) in the title.
    """
    if not title:
        return None
    title = " ".join(title.split())
    for heading in (" ".join(heading.split()) for heading in headings):
        if heading and title.startswith(heading) and _SEPARATOR.match(title, len(heading)):
            return heading
    names = _names(site, url)
    for _ in range(_MOST_NAMES):
        title = _without_name(title, names)
    return title


def _without_name(title: str, names: set[str]) -> str:
    """Cut one name from the end of the title, or else from its beginning."""
    separators = list(_SEPARATOR.finditer(title))
    if not separators:
        return title
    first, last = separators[0], separators[-1]
    if last.start() and _is_name(title[last.end() :], names):
        return title[: last.start()]
    if _folded(title[: first.start()]) in names:
        return title[first.end() :]
    return title


def _names(site: str | None, url: str) -> set[str]:
    """Return the names a site goes by: its own, its host (`www.bbc.co.uk`) and that host's labels."""
    host = urlsplit(url).hostname or ""
    labels = host.split(".")[:-1]
    names = {_folded(name) for name in (site or "", host, host.removeprefix("www."), *labels)}
    return {name for name in names if len(name) >= _SHORTEST_NAME} - {"www", "com", "news"}


def _is_name(tail: str, names: set[str]) -> bool:
    """Tell whether `tail` is a name of the site, or begins one ("BBC") or with one ("CNN Politics")."""
    folded = _folded(tail)
    if len(folded) < _SHORTEST_NAME:
        return False
    return any(name.startswith(folded) or folded.startswith(name) for name in names)


def _folded(name: str) -> str:
    return "".join(filter(str.isalnum, name.casefold()))
