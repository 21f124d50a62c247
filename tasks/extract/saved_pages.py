"""Where a saved page is from: its address is in what the program that saved it has noted, or in the page itself."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from lxml.html import HtmlElement

from tasks.urls import kept_url

#: Characters of a page in which the comment of the program that saved it is looked for: it is before `<head>`.
_HEAD = 64 * 1024
#: Comments of Internet Explorer and Chrome ("mark of the web"), SingleFile, monolith, and HTTrack, which leaves the
#: scheme out.
_COMMENT = re.compile(
    r"<!--\s*(?:saved from url=\(\d{4}\)(?P<marked>https?://[^\s<>\"]+)"
    r"|(?:page saved with|archive processed by) singlefile\s+url:\s*(?P<single>https?://[^\s<>\"]+)"
    r"|saved from (?P<monolith>https?://[^\s<>\"]+) at \S+ using monolith"
    r"|mirrored from (?P<mirrored>[^\s<>\"]+) by httrack)",
    re.IGNORECASE,
)


def address_in_sidecar(source: Mapping[str, Any]) -> str | None:
    """Return the address that the sidecar of a local document names, as it would be asked for; None if it names none."""
    return _first_valid([source.get("url")])


def address_in_page(html: str, tree: HtmlElement) -> str | None:
    """Return the address of a saved page, as it would be asked for; None if it has none.

    In this order: the comment or mark of the program that saved it, the canonical link, og:url. What is no http(s) URL of
    at most LONGEST_KEPT characters does not count.
    """
    return _first_valid(_addresses(html, tree))


def _addresses(html: str, tree: HtmlElement) -> Iterator[str | None]:
    comment = _COMMENT.search(html, 0, _HEAD)
    if comment:
        mirrored = comment["mirrored"]
        yield f"http://{mirrored}" if mirrored else comment[comment.lastgroup or 0]
    yield tree.get("data-scrapbook-source")  # WebScrapBook
    metas = list(tree.iter("meta"))
    yield from (meta.get("content") for meta in metas if meta.get("name") == "savepage-url")  # Save Page WE
    for link in tree.iter("link"):
        if "canonical" in (link.get("rel") or "").lower().split():
            yield link.get("href")
    yield from (meta.get("content") for meta in metas if (meta.get("property") or "").lower() == "og:url")


def _first_valid(addresses: "Iterator[Any] | list[Any]") -> str | None:
    return next(filter(None, map(_valid, addresses)), None)


def _valid(address: object) -> str | None:
    return kept_url(address) if isinstance(address, str) else None
