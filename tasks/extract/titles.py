"""The headline of a page title, without the name of the site that most pages append."""

# ruff: noqa: RUF001 - typographic dashes and bars

import re
from collections.abc import Iterable
from urllib.parse import urlsplit

# Between headline and site: a bar, or a space and a dash, dot or chevron ("each other? -TradeCircle"). In a title that is
# split into words and joined again all white space is single spaces.
_SEPARATOR = re.compile(r" ?[|｜] ?| [-–—·•:»›~]++ ?")
#: Maximum number of names in one title: "Headline | Section | Site".
_MAX_NAMES = 2
#: Minimum letters of a name: shorter ones begin too many words.
_SHORTEST_NAME = 3


def clean_title(title: str | None, *, headings: Iterable[str], site: str | None, url: str) -> str | None:
    """Return `title` without the site's name.

    The name is `site`, or the host of `url`, or what follows one of the page's `headings` (its h1) in the title.
    """
    if not title:
        return None
    title = " ".join(title.split())
    for heading in (" ".join(heading.split()) for heading in headings):
        if heading and title.startswith(heading) and _SEPARATOR.match(title, len(heading)):
            return heading
    names = _names(site, url)
    for _ in range(_MAX_NAMES):
        title = _without_name(title, names)
    return title


def _without_name(title: str, names: set[str]) -> str:
    """Remove one name from the end of the title, or else from its beginning."""
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
    """Return the names of a site: `site`, its host (`www.bbc.co.uk`) and the labels of the host."""
    host = urlsplit(url).hostname or ""
    labels = host.split(".")[:-1]
    names = {_folded(name) for name in (site or "", host, host.removeprefix("www."), *labels)}
    return {name for name in names if len(name) >= _SHORTEST_NAME} - {"www", "com", "news"}


def _is_name(tail: str, names: set[str]) -> bool:
    """Return whether `tail` is a name of the site, the beginning of one ("BBC"), or begins with one ("CNN Politics")."""
    folded = _folded(tail)
    if len(folded) < _SHORTEST_NAME:
        return False
    return any(name.startswith(folded) or folded.startswith(name) for name in names)


def _folded(name: str) -> str:
    return "".join(filter(str.isalnum, name.casefold()))
