"""Opt-outs: how a page asks machines not to use it.

`X-Robots-Tag` and `<meta name="robots">` (a convention of the search engines; `noai` and `noimageai` come from
DeviantArt), and `tdm-reservation`, a header or `<meta>` (TDM Reservation Protocol, W3C Community Group 2024).
"""

import re
from collections.abc import Iterable, Iterator
from html import unescape

from tasks.fetch.head import Head, head_of

#: Directives that forbid something. Those that allow (`all`, `index`, `max-snippet:-1`) are no opt-outs.
DIRECTIVES = frozenset(
    {
        *("noai", "noimageai", "noindex", "none", "noarchive", "nosnippet", "nocache", "notranslate"),
        *("noimageindex", "nofollow"),
    }
)
RESERVED = "tdm-reservation"
#: All opt-outs, as they appear in `Article.opt_outs`.
OPT_OUTS = DIRECTIVES | {RESERVED}

#: Directives with a value after a colon. Before any other colon is the name of a crawler.
_WITH_VALUE = frozenset({"max-snippet", "max-image-preview", "max-video-preview", "unavailable_after"})
_ATTRIBUTE = re.compile(
    r"""(?<![a-z-])([a-z-]++)\s*+=\s*+(?:"([^"]*+)"|'([^']*+)'|([^\s"'>]++))""", re.IGNORECASE
)


def of_headers(robots_tags: Iterable[str], reservation: str | None, product_token: str) -> frozenset[str]:
    """Return the opt-outs in the headers of a response: each `X-Robots-Tag`, and `tdm-reservation`.

    An `X-Robots-Tag` that names another crawler than `product_token` is ignored.
    """
    found = {directive for line in robots_tags for directive in _directives(line, product_token)}
    return frozenset(found | _reserved(reservation))


def of_page(page: bytes, product_token: str) -> frozenset[str]:
    """Return the opt-outs in the `<meta>` elements of an HTML page, among its first HEAD_BYTES."""
    return of_head(head_of(page), product_token)


def of_head(head: Head, product_token: str) -> frozenset[str]:
    """Return the opt-outs in the `<meta>` elements of the head of an HTML page."""
    found: set[str] = set()
    for tag in head.metas_with((b"robots", b"tdm-", product_token.encode())):
        values = {name: unescape(a or b or c) for name, a, b, c in _ATTRIBUTE.findall(tag.decode("latin-1"))}
        name, content = values.get("name", "").strip(), values.get("content", "")
        if name in {"robots", product_token}:
            found.update(_directives(content, product_token))
        elif name == RESERVED:
            found |= _reserved(content)
    return frozenset(found)


def _directives(line: str, product_token: str) -> Iterator[str]:
    """Yield the opt-outs among the directives of one line."""
    for part in line.lower().split(","):
        directive = part.strip()
        name, colon, rest = (one.strip() for one in directive.partition(":"))
        if colon and name not in _WITH_VALUE:
            if name != product_token:
                return  # the rest of the line is for another crawler
            directive = rest
        if directive in DIRECTIVES:
            yield directive


def _reserved(value: str | None) -> set[str]:
    return {RESERVED} if (value or "").strip() == "1" else set()
