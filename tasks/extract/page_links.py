"""The URLs that a page gives for itself: its canonical link, `og:url`, and its AMP page.

They are kept on the record, for whoever joins mobile, AMP and tracked URLs. No request follows from them.
"""

from collections.abc import Iterator
from typing import NamedTuple

from lxml.html import HtmlElement

from tasks.urls import kept_url


class PageLinks(NamedTuple):
    """Absolute http(s) URLs of at most LONGEST_KEPT characters; None where a page has none."""

    canonical_link: str | None
    og_url: str | None
    amphtml: str | None


def links_of(tree: HtmlElement, url: str) -> PageLinks:
    """Return the URLs that the page `tree` at `url` gives for itself, resolved against its `<base href>`.

    The first of a kind that is valid counts. Keywords are compared in any case, with others beside them (HTML, 4.6.7).
    """
    base = _base_of(tree, url)
    found = {"canonical": "", "og:url": "", "amphtml": ""}
    for keywords, address in _addresses(tree):
        for kind in found.keys() & keywords:
            found[kind] = found[kind] or absolute(address, base) or ""
    return PageLinks(*(address or None for address in found.values()))


def absolute(address: str | None, base: str) -> str | None:
    """Return `address`, resolved against `base`, as it would be requested; None for what is no http(s) URL, or too long."""
    address = (address or "").strip()
    return kept_url(address, base) if address else None  # an empty one would be the page itself (HTML, 4.2.4)


def _base_of(tree: HtmlElement, url: str) -> str:
    """Return what relative URLs are relative to: the first `<base>` with a href, which may be relative itself (HTML, 2.4.3)."""
    for element in tree.iter("base"):
        href = element.get("href")
        if href is not None:
            return absolute(href, url) or url
    return url


def _addresses(tree: HtmlElement) -> Iterator[tuple[set[str], str | None]]:
    """Yield the keywords of each `<link>` and `<meta>`, in lower case, with its URL."""
    for element in tree.iter("link", "meta"):
        if element.tag == "link":
            yield set((element.get("rel") or "").lower().split()), element.get("href")
        else:
            named = f"{element.get('property') or ''} {element.get('name') or ''}"
            yield set(named.lower().split()), element.get("content")
