"""Which URL an article has: one canonical form, so that one page is one article."""

import re
from urllib.parse import SplitResult, urlsplit

from w3lib.url import canonicalize_url

#: Query parameters that name a campaign or a click, never a page. From the parameter lists that courlan,
#: ClearURLs and the vendors' own documentation agree on.
_TRACKING = re.compile(
    r"(?:utm_[a-z_]+|fbclid|gclid|dclid|gbraid|wbraid|msclkid|yclid|twclid|igshid|mc_cid|mc_eid|_hsenc|_hsmi"
    r"|mkt_tok|cmpid|ocid|ito|spm)",
    re.IGNORECASE,
)
_DEFAULT_PORT = {"http": 80, "https": 443}

#: Most URLs of a list need no more than their parameters sorted out: a host name of plain labels, no port, no
#: escapes. Seeing that takes 3 us, the long way 50 us. Whatever is not surely simple goes the long way: dot
#: segments, path parameters, IDNA, addresses.
_PLAIN = re.compile(
    r"(?P<page>https?://(?:(?!xn--)[a-z0-9-]{1,63}\.)+[a-z]{2,63}/(?!\.)(?!.*/\.)[A-Za-z0-9_~!$&'()*+,=:@./-]*)"
    r"(?:\?(?P<query>[A-Za-z0-9_]+=[A-Za-z0-9_.-]*(?:&[A-Za-z0-9_]+=[A-Za-z0-9_.-]*)*))?"
    r"(?:#[!-~]*)?"
)

#: Longest URL taken, in characters: what common servers and browsers accept.
LONGEST_URL = 8192


def canonical_url(url: str) -> str:
    """Return the canonical form of the http(s) URL `url`.

    Scheme and host in lower case (IDNA), dot segments resolved, the default port, the fragment and tracking
    parameters gone, the query sorted, escapes normalised (RFC 3986, 6.2.2 and 6.2.3). Raises ValueError,
    with a sentence for the user, for anything that is not an http(s) URL with a host and without user
    information.
    """
    url = url.strip()
    if len(url) > LONGEST_URL:
        raise ValueError(f"longer than {LONGEST_URL} characters")
    return _plain(url) or _canonicalize(url)


def host_of(url: str) -> str:
    """Return the budget key of `url`: its host and, where it is not the default, its port; '' for a file."""
    return urlsplit(url).netloc


def _plain(url: str) -> str | None:
    """Return the canonical form of a simple URL, None for any other."""
    found = _PLAIN.fullmatch(url)
    if found is None:
        return None
    page, query = found.groups()
    if query is None:
        return page
    pairs = sorted(pair.split("=") for pair in query.split("&"))
    query = _without_tracking("&".join(map("=".join, pairs)))
    return f"{page}?{query}" if query else page


def _canonicalize(url: str) -> str:
    if " " in url or not url.isprintable():  # any other white space is not printable
        raise ValueError("has white space or control characters in it")
    parts = urlsplit(canonicalize_url(url))
    if parts.scheme not in _DEFAULT_PORT:
        raise ValueError("not an http or https URL")
    if "@" in parts.netloc:
        raise ValueError("has user information before the host")
    return parts._replace(netloc=_netloc(parts), query=_without_tracking(parts.query)).geturl()


def _netloc(parts: SplitResult) -> str:
    """Return host and port as they are written: no default port, and no dot that ends a name at the root."""
    port = parts.port  # raises ValueError itself: "Port could not be cast ..."
    host = parts.netloc.removesuffix(f":{port}").rstrip(".:")
    if not host:
        raise ValueError("has no host")
    # w3lib leaves a name as it is that IDNA does not take, and IDNA makes a space of some characters (U+00B8).
    if not host.isascii() or " " in host:
        raise ValueError("has a host that is no name (IDNA)")
    return host if port in {None, _DEFAULT_PORT[parts.scheme]} else f"{host}:{port}"


def _without_tracking(query: str) -> str:
    return "&".join(pair for pair in query.split("&") if not _TRACKING.fullmatch(pair.partition("=")[0]))
