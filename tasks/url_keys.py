"""Which URLs are one article: each has a canonical form, which is its key. It is never asked for; urls.py says what is."""

import re
import tomllib
from collections.abc import Iterable
from functools import cache
from hashlib import blake2b
from pathlib import Path
from typing import Self

from tasks.article import article_id
from tasks.urls import request_url, without_final_dot

#: The names that are known, by their systems, and when they were collected.
_LIST = Path(__file__).with_name("tracking_parameters.toml")
#: The rules of `UrlKeys.canonical_url` besides the list; another number changes all versions.
_RULES = 2
_ESCAPE = re.compile("%([0-9A-Fa-f]{2})")
#: Characters that mean the same escaped and not (RFC 3986, 2.3).
_UNRESERVED = re.compile("[A-Za-z0-9._~-]")
_WEB = ("https://", "http://")
_NAME = re.compile(r"[!-~]{1,64}")


class UrlKeys:
    """Makes the keys of URLs with one list of tracking parameters, in lower case; `utm_*` means all that begin so."""

    def __init__(self, tracking: Iterable[str]) -> None:
        names = sorted(set(tracking))
        #: What the keys depend on, 16 hex digits: the same for the same list.
        self.version = blake2b("\n".join((str(_RULES), *names)).encode(), digest_size=8).hexdigest()
        self._names = frozenset(name for name in names if not name.endswith("*"))
        self._beginnings = tuple(name[:-1] for name in names if name.endswith("*"))

    @classmethod
    def changed(cls, changes: Iterable[str] = ()) -> Self:
        """Return the keys of the list that comes with newsmill, with `changes`: names to add, `-name` to take out.

        ValueError, with a sentence for the user, for what is no name of a parameter, or is to be taken out and not there.
        """
        names = set(packaged())
        for change in changes:
            name = change.removeprefix("-").lower()
            if not _NAME.fullmatch(name) or set("&=") & set(name) or "*" in name[:-1] or name == "*":
                raise ValueError(f"{change!r} is not the name of a query parameter")
            if not change.startswith("-"):
                names.add(name)
            elif name in names:
                names.remove(name)
            else:
                raise ValueError(f"{name!r} is not in the list of tracking parameters")
        return cls(names)

    def canonical_url(self, url: str) -> str:
        """Return the canonical form of the http(s) URL `url`, given in any form.

        That is its `request_url` with the query sorted and without tracking parameters and empty pairs, with escapes of
        unreserved characters undone and the others in upper case (RFC 3986, 6.2.2), without the final dot of its host. Raises
        ValueError as `request_url` does.
        """
        return self.of_request(request_url(url))

    def of_request(self, url: str) -> str:
        """Return the canonical form of what `request_url` has returned: 0.3 us without a query, some 2 us with one."""
        page, mark, query = url.partition("?")
        if "%" in page:
            page = _ESCAPE.sub(_normal, page)
        if "./" in page or ".:" in page:
            scheme, _, rest = page.partition("://")
            host, _, path = rest.partition("/")
            page = f"{scheme}://{without_final_dot(host)}/{path}"
        if not mark:
            return page
        if "%" in query:
            query = _ESCAPE.sub(_normal, query)
        pairs = sorted(pair for pair in query.split("&") if pair and not self._tracks(pair))
        return f"{page}?{'&'.join(pairs)}" if pairs else page

    def id_of_request(self, url: str) -> str:
        """Return the id (32 hex digits) of the article at a URL as it is asked for, of any scheme."""
        return article_id(self.of_request(url) if url.startswith(_WEB) else url)

    def _tracks(self, pair: str) -> bool:
        # Feeds and pages whose URLs were escaped for HTML once more have `&amp;` between their pairs.
        name = pair.partition("=")[0].lower().removeprefix("amp;")
        return name in self._names or name.startswith(self._beginnings)


@cache
def packaged_keys() -> UrlKeys:
    """Return the keys with the list that comes with newsmill."""
    return UrlKeys(packaged())


@cache
def packaged() -> frozenset[str]:
    """Return the tracking parameters that come with newsmill (tracking_parameters.toml), in lower case."""
    groups = tomllib.loads(_LIST.read_text("utf-8"))["parameters"]
    return frozenset(name.lower() for group in groups.values() for name in group)


def _normal(escape: re.Match[str]) -> str:
    character = chr(int(escape[1], 16))
    return character if _UNRESERVED.fullmatch(character) else f"%{escape[1].upper()}"
