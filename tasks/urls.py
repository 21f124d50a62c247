"""URLs as they are asked for: read and written as the WHATWG URL standard says. url_keys.py says which of them are one article."""

import re

from ada_url import URL

#: Simple URLs, as most are: a host name of plain labels, no port, no escapes, no dot segments. They are written as they are,
#: but for the fragment: 1 us, where the parser takes 7 us (docs/fetch.md has the command).
_PLAIN = re.compile(
    r"(https?://(?:(?!xn--)[a-z0-9-]{1,63}\.)+[a-z]{2,63}/(?!\.)(?!.*/\.)[A-Za-z0-9_~!$&'()*+,=:@./-]*"
    r"(?:\?[A-Za-z0-9_=.&/,:;+()!@*?%~$\[\]|-]*)?)"
    r"(?:#[!-~]*)?"
)
_WEB = frozenset({"http:", "https:"})
#: Where the host of an http(s) URL begins: browsers take any number of slashes of both kinds.
_BEFORE_HOST = re.compile(r"[\x00-\x20]*https?:[/\\]*", re.IGNORECASE)
_AFTER_HOST = re.compile(r"[/\\?#]")

#: Longest name of a host, and longest label of one (RFC 1035, 2.3.4; without the final dot).
_LONGEST_NAME = 253
#: A shorter URL has neither.
_LONG = 64
_LONG_LABEL = re.compile(r"[^.:\[\]]{64}")

#: Longest URL accepted, in characters, as it is given and as it is asked for; common servers and browsers accept as many.
LONGEST_URL = 8192
#: Longest URL on a record besides its own, in characters: the record is in every message, which should stay a few KB.
LONGEST_KEPT = 2048


def request_url(url: str, base: str | None = None) -> str:
    """Return the http(s) URL `url` as it is asked for: parsed and serialised as the WHATWG URL standard says.

    Path and query stay as they were given. Spaces and what is not ASCII are percent-encoded, dot segments resolved, the host
    is in lower case and in ASCII (UTS 46, nontransitional), the default port is left out; so is the fragment, which is never
    sent, and a user and password, which browsers do not send before they are asked for one. A relative `url` is resolved
    against `base`. Raises ValueError for anything but an http(s) URL with a valid host. Its message is for the user, one of a
    fixed set, and goes on a sentence that begins with the URL: "has no host".
    """
    if base is None:
        plain = _PLAIN.fullmatch(url)
        if plain and len(url) <= _LONGEST_NAME:
            return plain[1]
    if len(url) > LONGEST_URL:
        raise ValueError(_TOO_LONG)
    # Half of a surrogate pair is no character. Browsers put U+FFFD in its place (Web IDL, USVString).
    text = url if url.isascii() else url.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    try:
        parsed = URL(text, base)
    except ValueError:
        raise ValueError(_what_is_wrong(text)) from None
    if parsed.protocol not in _WEB:
        raise ValueError(_NO_WEB)
    if "@" in text or (base and "@" in base):
        parsed.username = parsed.password = ""
    request = parsed.href.partition("#")[0]
    if len(request) > LONGEST_URL:
        raise ValueError(_TOO_LONG)
    if len(request) > _LONG:
        _check_lengths(parsed.hostname)
    return request


def kept_url(address: str, base: str | None = None) -> str | None:
    """Return the `request_url` of an address that a page gives, for a record; None for what is none, or too long to keep."""
    if len(address) > LONGEST_KEPT:
        return None
    try:
        url = request_url(address, base)
    except ValueError:
        return None
    return url if len(url) <= LONGEST_KEPT else None


def host_of(url: str) -> str:
    """Return the key of the rate limit of the `request_url`: its host and, if it is not the default, its port.

    '' for a file. The final dot of a name is left out: with it, it is the same server.
    """
    scheme, _, rest = url.partition("://")
    if scheme not in {"http", "https"}:
        return ""
    return without_final_dot(_AFTER_HOST.split(rest, maxsplit=1)[0])


def server_of(url: str) -> str:
    """Return whose failures those of `url` are: the `host_of` an http URL, `https://` and that for https; '' for a file.

    A host may answer on one port, or by one scheme, and not by another.
    """
    host = host_of(url)
    return f"https://{host}" if url.startswith("https:") else host


def without_final_dot(host: str) -> str:
    """Return a host with or without a port, without the dot that may end a name in the DNS."""
    if not host.endswith(".") and ".:" not in host:
        return host
    name, colon, port = host.partition(":")
    return name.rstrip(".") + colon + port


_TOO_LONG = f"is longer than {LONGEST_URL} characters"
_NO_WEB = "is not an http or https URL"
_LONG_HOST = "has a host name that is too long"
_LAST_PORT = 65535
#: A number with one more digit than the last port is too large, however it goes on.
_PORT_DIGITS = 6


def _what_is_wrong(url: str) -> str:
    """Return in words what the parser does not accept; it does not say."""
    begin = _BEFORE_HOST.match(url)
    if begin is None:
        return _NO_WEB
    authority = _AFTER_HOST.split(url[begin.end() :], maxsplit=1)[0].rpartition("@")[2]
    if not authority or authority.startswith(":"):
        return "has no host"
    _, colon, port = authority.rpartition("]")[2].rpartition(":")
    if colon and not (port.isdecimal() and port.isascii() and int(port[:_PORT_DIGITS]) <= _LAST_PORT):
        return "has an invalid port"
    return "has an invalid host name"


def _check_lengths(host: str) -> None:
    """Raise ValueError for a name that the DNS cannot have; the URL standard leaves that to it."""
    if len(host.rstrip(".")) > _LONGEST_NAME or _LONG_LABEL.search(host):
        raise ValueError(_LONG_HOST)
