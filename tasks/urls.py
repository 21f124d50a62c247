"""The canonical form of a URL, so that one page is one article."""

import re
from urllib.parse import SplitResult, urlsplit

from w3lib.url import canonicalize_url

#: Query parameters that name a campaign or a click, never a page: those that courlan, ClearURLs and the vendors'
#: documentation agree on.
_TRACKING = re.compile(
    r"(?:utm_[a-z_]+|fbclid|gclid|dclid|gbraid|wbraid|msclkid|yclid|twclid|igshid|mc_cid|mc_eid|_hsenc|_hsmi"
    r"|mkt_tok|cmpid|ocid|ito|spm)",
    re.IGNORECASE,
)
_DEFAULT_PORT = {"http": 80, "https": 443}

#: Simple URLs, as most are: a host name of plain labels, no port, no escapes. Only their query needs work: 0.8 us,
#: where `_canonicalize` takes 9 us (docs/fetch.md has the command). Dot segments, path parameters, IDNA and addresses
#: are not simple.
_PLAIN = re.compile(
    r"(?P<page>https?://(?:(?!xn--)[a-z0-9-]{1,63}\.)+[a-z]{2,63}/(?!\.)(?!.*/\.)[A-Za-z0-9_~!$&'()*+,=:@./-]*)"
    r"(?:\?(?P<query>[A-Za-z0-9_]+=[A-Za-z0-9_.-]*(?:&[A-Za-z0-9_]+=[A-Za-z0-9_.-]*)*))?"
    r"(?:#[!-~]*)?"
)

#: What browsers remove at both ends of a URL, and tabs and line ends, which they remove anywhere (WHATWG URL, 4.4).
_EDGES = "".join(map(chr, range(0x21)))
_REMOVED = dict.fromkeys(map(ord, "\t\n\r"))
#: Up to the end of the host and its port, where a space is an error and not encoded.
_AUTHORITY = re.compile(r"[^/?#]*//[^/?#]*")
#: Controls. Any other character that is not printable is a space of some kind, or cannot be seen.
_CONTROLS = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff]")

#: Longest name of a host, and longest label of one (RFC 1035, 2.3.4; without the final dot).
_LONGEST_NAME = 253
_LONG_HOST = "has a host name that is too long"
_LONG_LABEL = re.compile(r"[^.:\[\]]{64}")

#: Longest URL accepted, in characters; common servers and browsers accept as many.
LONGEST_URL = 8192


def canonical_url(url: str) -> str:
    """Return the canonical form of the http(s) URL `url`.

    Scheme and host are in lower case (IDNA), dot segments resolved, the query sorted, escapes normalised (RFC 3986,
    6.2.2 and 6.2.3); the default port, the fragment and tracking parameters are removed. Spaces are removed at the ends
    and encoded elsewhere, as browsers do. Raises ValueError for anything but an http(s) URL with a host and without user
    information. Its message is for the user, one of a fixed set, and goes on a sentence that begins with the URL: "has
    no host".
    """
    url = url.strip()
    if len(url) > LONGEST_URL:
        raise ValueError(f"is longer than {LONGEST_URL} characters")
    canonical = _plain(url) or _canonicalize(url)
    host = urlsplit(canonical).hostname or "" if len(canonical) > _LONGEST_NAME else ""
    if len(host) > _LONGEST_NAME:
        raise ValueError(_LONG_HOST)
    return canonical


def host_of(url: str) -> str:
    """Return the key of the rate limit of `url`: its host and, if it is not the default, its port; '' for a file."""
    return urlsplit(url).netloc


def server_of(url: str) -> str:
    """Return whose failures those of `url` are: the `host_of` an http URL, `https://` and that for https; '' for a file.

    A host may answer on one port, or by one scheme, and not by another.
    """
    parts = urlsplit(url)
    return f"https://{parts.netloc}" if parts.scheme == "https" else parts.netloc


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
    url = _as_browsers_read(url)
    try:
        parts = urlsplit(canonicalize_url(url))
    except ValueError as error:
        raise ValueError("has an invalid port" if "Port" in str(error) else "is not a valid URL") from error
    if parts.scheme not in _DEFAULT_PORT:
        raise ValueError("is not an http or https URL")
    if "@" in parts.netloc:
        raise ValueError("contains user information before the host (user:password@)")
    return parts._replace(netloc=_netloc(parts), query=_without_tracking(parts.query)).geturl()


def _as_browsers_read(url: str) -> str:
    """Return `url` with its white space removed or encoded; ValueError where that is not possible."""
    url = url.strip(_EDGES)
    if url.isprintable() and " " not in url:
        return url
    url = url.translate(_REMOVED)
    if _CONTROLS.search(url):
        raise ValueError("contains control characters")
    authority = _AUTHORITY.match(url)
    if authority and " " in authority[0]:
        raise ValueError("has an invalid host name")
    return url.replace(" ", "%20")


def _netloc(parts: SplitResult) -> str:
    """Return host and port without the default port and without the final dot of a name."""
    port = parts.port
    host = parts.netloc.removesuffix(f":{port}").rstrip(".:")
    if not host:
        raise ValueError("has no host")
    # w3lib does not change a name that is invalid in IDNA, and IDNA turns some characters into a space (U+00B8).
    if not host.isascii() or " " in host:
        raise ValueError("has an invalid host name (IDNA)")
    if _LONG_LABEL.search(host):
        raise ValueError(_LONG_HOST)
    return host if port in {None, _DEFAULT_PORT[parts.scheme]} else f"{host}:{port}"


def _without_tracking(query: str) -> str:
    return "&".join(pair for pair in query.split("&") if not _TRACKING.fullmatch(pair.partition("=")[0]))
