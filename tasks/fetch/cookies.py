"""The cookies of one fetch (RFC 6265, and its revision that browsers follow): a redirect may set one and look for it.

A jar lives as long as the fetch. SameSite says nothing here: newsmill follows a link from nowhere.
"""

import re
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from tasks.fetch.clock import Clock
from tasks.fetch.cookie_dates import seconds_of
from tasks.public_suffixes import is_public

#: Bytes of a jar's names and values, and cookies in it; the oldest go first. Apache takes no longer line of a request than
#: 8,190 bytes, nginx none over 8 KB. Browsers keep 50 cookies of a domain at least (RFC 6265, 6.1).
_MOST_BYTES, _MOST_COOKIES = 8_000, 50
#: Bytes of a name with its value, and of an attribute (RFC 6265bis, 5.6).
_LONGEST, _LONGEST_ATTRIBUTE = 4_096, 1_024
#: A cookie with one of these is no cookie.
_CONTROLS = re.compile("[\x00-\x08\x0a-\x1f\x7f]")
_MAX_AGE = re.compile(r"-?[0-9]+")
_BLANKS = " \t"


@dataclass(frozen=True, slots=True)
class _Cookie:
    name: str
    value: str
    domain: str
    path: str
    #: Only for `domain` itself, not for the names under it.
    host_only: bool
    secure: bool
    #: Seconds since the epoch; None for one that does not expire.
    expires: float | None

    @property
    def key(self) -> tuple[str, str, bool, str]:
        return self.name, self.domain, self.host_only, self.path

    @property
    def size(self) -> int:
        return len(self.name) + len(self.value) + len("=; ")


class CookieJar:
    """The cookies that were set during one fetch; used by one thread at a time."""

    def __init__(self, clock: Clock = time.time) -> None:
        self._clock = clock
        #: The oldest first.
        self._cookies: dict[tuple[str, str, bool, str], _Cookie] = {}

    def take(self, url: str, lines: Iterable[str]) -> None:
        """Keep the cookies of `lines`, the Set-Cookie headers of the response to `url`.

        A cookie for another site, for a public suffix, or one that breaks the rules of its prefix is left out. One that
        has expired takes the one before it away.
        """
        for line in lines:
            cookie = _parsed(line, url, self._clock())
            if cookie is None or self._hides_secure(cookie, url):
                continue
            if cookie.expires is not None and cookie.expires <= self._clock():
                self._cookies.pop(cookie.key, None)
                continue
            self._cookies[cookie.key] = cookie
            self._drop_oldest()

    def names(self, url: str) -> list[str]:
        """Return the names of the cookies for `url`, in the order of `header`."""
        return [cookie.name for cookie in self._for(url)]

    def header(self, url: str) -> str:
        """Return the Cookie header for a request to `url`, '' for none; characters up to U+00FF, as they were sent."""
        return "; ".join(
            f"{cookie.name}={cookie.value}" if cookie.name else cookie.value for cookie in self._for(url)
        )

    def _for(self, url: str) -> list[_Cookie]:
        """Return the cookies for `url`: those of longer paths, then the older ones first (RFC 6265, 5.4)."""
        if not self._cookies:
            return []
        scheme, host, path = _parts(url)
        now = self._clock()
        found = [
            cookie
            for cookie in self._cookies.values()
            if (cookie.domain == host or (not cookie.host_only and _domain_matches(host, cookie.domain)))
            and _path_matches(path, cookie.path)
            and (scheme == "https" or not cookie.secure)
            and (cookie.expires is None or cookie.expires > now)
        ]
        return sorted(found, key=lambda cookie: -len(cookie.path))

    def _hides_secure(self, cookie: _Cookie, url: str) -> bool:
        """Return whether a cookie that was set without TLS would be sent in place of one set with it."""
        return (
            not cookie.secure
            and not url.startswith("https:")
            and any(
                one.secure
                and one.name == cookie.name
                and (_domain_matches(one.domain, cookie.domain) or _domain_matches(cookie.domain, one.domain))
                and _path_matches(cookie.path, one.path)
                for one in self._cookies.values()
            )
        )

    def _drop_oldest(self) -> None:
        size = sum(one.size for one in self._cookies.values())
        while size > _MOST_BYTES or len(self._cookies) > _MOST_COOKIES:
            oldest = next(iter(self._cookies))
            size -= self._cookies.pop(oldest).size


def _parsed(line: str, url: str, now: float) -> _Cookie | None:
    """Return the cookie of a Set-Cookie header of the response to `url`; None for one that is to be left out."""
    pair, *parts = line.split(";")
    before, equals, after = pair.partition("=")
    name, value = (before.strip(_BLANKS), after.strip(_BLANKS)) if equals else ("", pair.strip(_BLANKS))
    if not (name or value) or len(name) + len(value) > _LONGEST or _CONTROLS.search(line):
        return None
    attributes = _attributes(parts)
    scheme, host, path = _parts(url)
    secure = "secure" in attributes
    if secure and scheme != "https":
        return None
    domain = attributes.get("domain", "").removeprefix(".").lower()
    if not domain.isascii():
        return None
    if domain and is_public(domain):
        if domain != host:
            return None
        domain = ""
    if domain and not _domain_matches(host, domain):
        return None
    given = attributes.get("path", "")
    cookie = _Cookie(
        name,
        value,
        domain=domain or host,
        path=given if given.startswith("/") else path[: path.rfind("/")] or "/",
        host_only=not domain,
        secure=secure,
        expires=_expires(attributes, now),
    )
    return cookie if _keeps_its_prefix(cookie) else None


def _attributes(parts: Iterable[str]) -> dict[str, str]:
    """Return the attributes by their names in lower case; the last of several counts."""
    attributes = {}
    for part in parts:
        name, _, value = part.partition("=")
        if len(value) <= _LONGEST_ATTRIBUTE:
            attributes[name.strip(_BLANKS).lower()] = value.strip(_BLANKS)
    return attributes


def _expires(attributes: Mapping[str, str], now: float) -> float | None:
    """Return the time that Max-Age, or else Expires, says, in seconds since the epoch; None for neither."""
    age = attributes.get("max-age", "")
    if _MAX_AGE.fullmatch(age):
        return now + int(age) if len(age) < len("-1000000000") else now if age.startswith("-") else None
    return seconds_of(attributes.get("expires", ""))


def _keeps_its_prefix(cookie: _Cookie) -> bool:
    """Return whether a cookie with `__Secure-` or `__Host-` before its name is as these promise (RFC 6265bis, 4.1.3)."""
    name = (cookie.name or cookie.value).lower()
    if name.startswith(("__secure-", "__host-")):
        if not cookie.name or not cookie.secure:
            return False
        return name.startswith("__secure-") or (cookie.host_only and cookie.path == "/")
    return True


def _parts(url: str) -> tuple[str, str, str]:
    """Return scheme, host and path of a request URL."""
    parts = urlsplit(url)
    return parts.scheme, parts.hostname or "", parts.path or "/"


def _domain_matches(host: str, domain: str) -> bool:
    """Return whether `host` is `domain` or a name under it; an address is under nothing (RFC 6265, 5.1.3)."""
    return host == domain or (host.endswith(f".{domain}") and not host.replace(".", "").isdigit())


def _path_matches(path: str, prefix: str) -> bool:
    return path == prefix or (path.startswith(prefix) and (prefix.endswith("/") or path[len(prefix)] == "/"))
