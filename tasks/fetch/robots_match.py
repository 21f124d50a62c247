"""Whether a rule of robots.txt matches a URL (RFC 9309, 2.2.2 and 2.2.3).

Both are compared octet by octet: an octet is the same whether it is written as itself or as its escape. Two are kept apart, as
the RFC's table does: `%2F` and `%3F` of a path are no `/` and `?`. In a query they are; there they divide nothing. A rule
without `?` may mean a path or a query by what follows an asterisk, so that each URL is held against it in two forms.
"""

import math
import re
from dataclasses import dataclass
from functools import cached_property

_ESCAPE = re.compile("%([0-9A-Fa-f]{2})")
#: The octets whose escapes are no delimiters (RFC 3986, 2.2), and `%`, whose escape is no beginning of one: characters of
#: Unicode's private area stand for the escapes, so that a text has one character an octet.
_APART = {octet: chr(0xE000 + octet) for octet in b"/?%"}
_KINDS = {chr(octet): kept for octet, kept in _APART.items() if octet != ord("%")}
_AS_DATA = str.maketrans(_KINDS)
_AS_DELIMITERS = str.maketrans({kept: octet for octet, kept in _KINDS.items()})
_DATA = re.compile("[\ue02f\ue03f]")

_ORIGIN = re.compile(r"[A-Za-z]+://[^/?#]*")

#: An owner who allows the index page means its folder, too (Google's parser, Protego).
_INDEX = re.compile(r"/index\.html?")


class Rules:
    """The rules of a robots.txt of one group, as tasks/fetch/robots_rules.py leaves it."""

    def __init__(self, text: str) -> None:
        rules: list[_Rule] = []
        #: Seconds between two requests; None where the file asks for none.
        self.delay: float | None = None
        for line in text.split("\n"):
            field, _, value = line.partition(": ")
            if field == "Crawl-delay":
                self.delay = _delay(value)
            elif field in {"Allow", "Disallow"}:
                rules += _rules(value, field == "Allow")
        # The longest that matches counts, of two the one that allows (RFC 9309, 2.2.2).
        rules.sort(key=lambda rule: (rule.pattern.octets, rule.allows), reverse=True)
        self._rules = rules
        self._others = [rule for rule in rules if not rule.pattern.is_prefix]
        self._prefixes = tuple(rule.pattern.parts[0] for rule in rules if rule.pattern.is_prefix)

    def allow(self, url: str) -> bool:
        """Return whether `url`, an http URL as it is asked for, may be fetched. Takes linear time.

        robots.txt itself always may.
        """
        target = _Target(url)
        if target.delimited == "/robots.txt":
            return True
        # One look at all rules without wildcards, of which few files have other ones.
        rules = self._rules if target.delimited.startswith(self._prefixes) else self._others
        return next((rule.allows for rule in rules if rule.pattern.matches(target)), True)


def _delay(value: str) -> float | None:
    seconds = float(value)
    return seconds if 0 < seconds < math.inf else None


class _Target:
    """The path and query that a URL asks for."""

    def __init__(self, url: str) -> None:
        origin = _ORIGIN.match(url)
        path, mark, query = url[origin.end() if origin else 0 :].partition("#")[0].partition("?")
        path, self._query = _octets(path), _octets(query)
        self._path = (path if path.startswith("/") else f"/{path}") + mark
        #: With `/` and `?` of the query as such, however they are written.
        self.delimited = self._path + self._query.translate(_AS_DELIMITERS)

    @cached_property
    def escaped(self) -> str:
        """The same with the `/` and `?` of the query as escapes; other octets are at the same places."""
        return self._path + self._query.translate(_AS_DATA)


@dataclass(frozen=True, slots=True)
class _Pattern:
    """A path of a rule: the texts between its asterisks, and whether the URL has to end with the last."""

    parts: tuple[str, ...]
    ends: bool
    #: How specific it is: the octets that it has, as the RFC counts.
    octets: int

    @property
    def is_prefix(self) -> bool:
        return len(self.parts) == 1 and not self.ends

    def matches(self, target: _Target) -> bool:
        """Return whether it matches, each part at the first place behind the one before: so no place is looked at twice."""
        first, *between = self.parts
        if not target.delimited.startswith(first):
            return False
        at = len(first)
        if self.ends:
            if not between:
                return at == len(target.delimited)
            last = between.pop()
        for part in between:
            found = _text(target, part).find(part, at)
            if found < 0:
                return False
            at = found + len(part)
        return not self.ends or (
            len(target.delimited) - len(last) >= at and _text(target, last).endswith(last)
        )


def _text(target: _Target, part: str) -> str:
    """Return the form of a URL that a part is looked for in."""
    return target.escaped if _DATA.search(part) else target.delimited


@dataclass(frozen=True, slots=True)
class _Rule:
    pattern: _Pattern
    allows: bool


def _rules(value: str, allows: bool) -> list[_Rule]:
    """Return the rule of a line, and those that it means besides."""
    if value.startswith(("http://", "https://")):  # whoever writes a whole URL gets what is written: a path
        value = f"/{value}"
    values = [value]
    if value.endswith("$"):  # some mean the character
        values.append(f"{value[:-1]}%24")
    folder, slash, page = value.rpartition("/")
    if allows and _INDEX.fullmatch(slash + page):
        values.append(f"{folder}/$")
    return [_Rule(_pattern(one), allows) for one in values]


def _pattern(value: str) -> _Pattern:
    ends = value.endswith("$")
    path, mark, query = value.removesuffix("$").partition("?")
    parts = [_octets(part) for part in path.split("*")]
    if mark:
        first, *others = [_octets(part).translate(_AS_DELIMITERS) for part in query.split("*")]
        parts = [*parts[:-1], f"{parts[-1]}?{first}", *others]
    octets = sum(map(len, parts)) + len(parts) - 1 + ends
    # Asterisks in a row are one. The last part stays: an asterisk at the end takes the `$` its meaning.
    between = [part for part in parts[1:-1] if part]
    return _Pattern((parts[0], *between, *parts[1:][-1:]), ends, octets)


def _octets(text: str) -> str:
    """Return `text` with one character for each of its octets."""
    if not text.isascii():
        text = text.encode("utf-8", "surrogateescape").decode("latin-1")
    return _ESCAPE.sub(_octet, text) if "%" in text else text


def _octet(escape: re.Match[str]) -> str:
    octet = int(escape[1], 16)
    return _APART.get(octet) or chr(octet)
