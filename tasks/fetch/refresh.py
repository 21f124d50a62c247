"""Pages that only lead on, by `<meta http-equiv="refresh">` or a Refresh header: where to.

A browser loads the next page after some seconds. newsmill does so where that is soon, and where the page has no article.
"""

import re
from collections.abc import Iterator
from contextlib import suppress
from html import unescape

from tasks.errors import Rejected
from tasks.fetch.content_type import HEAD_BYTES, HTML, sniff
from tasks.fetch.head import markup
from tasks.fetch.redirects import percent_encoded
from tasks.fetch.response import Response
from tasks.fetch.skim import Skimmed, skim
from tasks.urls import request_url

#: Seconds: a page that waits for longer is one to read.
LONGEST_DELAY = 10
#: Bytes of a page that only leads on, and of the text that it shows. Chosen on 181 news pages: of the 43 that are as short, the
#: one with the least text shows 1,607 bytes. Of 123 others of 89 publishers none shows less than 2,345.
SHORT_PAGE = 65_536
LITTLE_TEXT = 1_000

#: The HTML standard's "shared declarative refresh steps": seconds, a separator, and what follows.
_STEPS = re.compile(
    r"[\t\n\f\r ]*+(?=[0-9.])([0-9]*+)[0-9.]*+"
    r"(?:\Z|(?=[;,\t\n\f\r ])[\t\n\f\r ]*+[;,]?+[\t\n\f\r ]*+)(.*+)",
    re.DOTALL,
)
#: What may stand before the URL.
_NAMED = re.compile(r"[uU][rR][lL][\t\n\f\r ]*+=[\t\n\f\r ]*+")
#: A number with more digits is more than LONGEST_DELAY.
_MOST_DIGITS = 9
#: References with a semicolon: in an attribute, `&copy=1` is none (HTML, 13.2.5.73).
_REFERENCE = re.compile(rb"&(?:#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});")


def next_page(response: Response) -> str | None:
    """Return the URL that the page of `response` leads to; None for one that may have an article.

    That it leads to itself is not seen here. Raises as `Response.read` does.
    """
    page = response.peek(SHORT_PAGE + 1)
    if len(page) > SHORT_PAGE or (page.strip() and not _is_html(page, response)):
        return None
    shown = skim(markup(page))
    if shown.text_bytes > LITTLE_TEXT:
        return None
    base = (shown.base and _resolved(percent_encoded(shown.base), response.url)) or response.url
    for value in _values(response, shown):
        found = parsed(value)
        if found is None:
            continue
        delay, url = found
        target = _resolved(url, base) if url else response.url
        if target is not None:
            return target if delay <= LONGEST_DELAY else None  # only the first that is valid counts
    return None


def parsed(value: str) -> tuple[int, str] | None:
    """Return the seconds and the URL of a refresh, '' for the page itself; None where a browser ignores it."""
    steps = _STEPS.fullmatch(value)
    if steps is None:
        return None
    digits, url = steps.groups()
    if named := _NAMED.match(url):
        url = url[named.end() :]
    elif url[:1] in {"u", "U"}:
        return _seconds(digits), url
    if url[:1] in {"'", '"'}:
        url = url[1:].partition(url[0])[0]
    return _seconds(digits), url


def _seconds(digits: str) -> int:
    return int(digits[:_MOST_DIGITS] or 0)


def _values(response: Response, shown: Skimmed) -> Iterator[str]:
    """Yield what is to be parsed, in the order in which a browser meets it."""
    header = response.headers.get("refresh")
    if header:
        yield percent_encoded(header.encode("latin-1"))
    for meta in shown.metas:
        if meta.get("http-equiv", b"").lower() == b"refresh" and (content := meta.get("content")):
            yield percent_encoded(_REFERENCE.sub(lambda found: unescape(found[0].decode()).encode(), content))


def _is_html(page: bytes, response: Response) -> bool:
    with suppress(Rejected):
        return sniff(page[:HEAD_BYTES], response.headers.get("content-type")) == HTML
    return False


def _resolved(url: str, base: str) -> str | None:
    """Return the request URL of `url`; None for what no page is fetched from, such as `javascript:`."""
    with suppress(ValueError):
        return request_url(url, base)
    return None
