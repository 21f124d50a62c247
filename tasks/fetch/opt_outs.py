"""Opt-outs: how a page asks machines not to use it.

`X-Robots-Tag` and `<meta name="robots">` (a convention of the search engines; `noai` and `noimageai` come from
DeviantArt), and `tdm-reservation`, a header or `<meta>` (TDM Reservation Protocol, W3C Community Group 2024).
"""

import re
from codecs import BOM_UTF16_BE, BOM_UTF16_LE
from collections.abc import Iterable, Iterator
from html import unescape

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

#: Bytes in which `<meta>` is looked for. Of 181 news pages, 65 of the 69 with robots metas have them there, and no more in
#: twice as many bytes; the other four have them after 64 KB of scripts.
HEAD_BYTES = 32_768

#: Directives with a value after a colon. Before any other colon is the name of a crawler.
_WITH_VALUE = frozenset({"max-snippet", "max-image-preview", "max-video-preview", "unavailable_after"})
#: Both cases are written out, for IGNORECASE takes ten times as long, on every page. The length is bounded: 5,000 tags that
#: are never closed would each be searched to the end.
_META = re.compile(rb"<[mM][eE][tT][aA]\s[^>]{0,1000}+>")
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
    if page.startswith((BOM_UTF16_LE, BOM_UTF16_BE)):
        page = page[:HEAD_BYTES].replace(b"\0", b"")  # markup is ASCII
    found: set[str] = set()
    for tag in _metas(page, product_token.encode()):
        values = {name.lower(): unescape(a or b or c) for name, a, b, c in _ATTRIBUTE.findall(tag)}
        name, content = values.get("name", "").strip().lower(), values.get("content", "")
        if name in {"robots", product_token}:
            found.update(_directives(content, product_token))
        elif name == RESERVED:
            found |= _reserved(content)
    return frozenset(found)


def _metas(page: bytes, product_token: bytes) -> Iterator[str]:
    """Yield the `<meta>` tags that may hold an opt-out, except those in comments."""
    for found in _META.finditer(page, 0, HEAD_BYTES):
        tag = found[0].lower()
        if (b"robots" in tag or b"tdm-" in tag or product_token in tag) and not _is_comment(
            page, found.start()
        ):
            yield found[0].decode("latin-1")


def _is_comment(page: bytes, at: int) -> bool:
    return page.rfind(b"<!--", 0, at) > page.rfind(b"-->", 0, at)


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
