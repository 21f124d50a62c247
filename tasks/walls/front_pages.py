"""Articles that are gone, whose addresses lead to the front page of their site: the most frequent soft 404."""

from urllib.parse import urlsplit

from tasks.errors import Reason
from tasks.urls import host_of
from tasks.walls.recognition import Finding, is_dated

#: Links of a front page, at least: 288 of 304 pages of articles have as many in menus alone, a small site's article at `/` has not.
_LINKS = 40
#: Last parts of an address of a front page that is asked for as such.
_FRONT = frozenset({"", "index", "home", "default", "start", "main", "startseite", "accueil", "inicio"})
#: Letters of a part of a path that names a language or an edition: `de`, `en-us`, `uk`.
_EDITION = 5


def front_page_instead(asked: str, final: str, html: str) -> Finding | None:
    """Return that the page `html`, which came from `final` in place of `asked`, is the front page of that site; else None.

    A page that is dated as an article, or has few links, may be an article at an address without a path.
    """
    if asked == final or not _is_front(final) or _is_front(asked) or not _is_one_site(asked, final):
        return None
    if html.count("<a ") < _LINKS or is_dated(html):
        return None
    return Finding(Reason.SOFT_404, f"The address leads to the front page of the site, {final[:200]}.")


def _is_front(url: str) -> bool:
    parts = urlsplit(url)
    names = [part for part in parts.path.lower().split("/") if part]
    if names and names[-1].partition(".")[0] in _FRONT:
        names.pop()
    return not parts.query and (not names or (len(names) == 1 and len(names[0]) <= _EDITION))


def _is_one_site(one: str, other: str) -> bool:
    return _bare_host(one) == _bare_host(other) != ""


def _bare_host(url: str) -> str:
    return host_of(url).removeprefix("www.").removeprefix("m.")
