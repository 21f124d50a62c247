"""The rules of a robots.txt that are for one crawler: its group, and nothing else (RFC 9309, 2.2).

A file may have 500 KiB, most of it for others, and lists of sitemaps. What is left is a file of one group, in ASCII. Readers
are generous where owners mistype: a field may stand without its colon, or be misspelt, as in Protego and Google's parser.
"""

import math
import re
from collections.abc import Iterator

_AGENT = frozenset({"user-agent", "useragent", "user agent"})
_ALLOW = frozenset({"allow"})
_DISALLOW = frozenset({"disallow", "dissallow", "dissalow", "disalow", "diasllow", "disallaw"})
_DELAY = frozenset({"crawl-delay", "crawl delay"})
#: Known fields of a group that say nothing to newsmill.
_OTHER = frozenset({"request-rate", "request rate", "visit-time", "visit time"})
#: What ends the list of a group's names. Any other line does not, known or unknown (RFC 9309, 2.2.4).
_OF_GROUP = _ALLOW | _DISALLOW | _DELAY | _OTHER
_OF_FILE = frozenset({"sitemap", "sitemaps", "site-map", "host"})
#: All that may stand without a colon.
FIELDS = _AGENT | _OF_GROUP | _OF_FILE

#: Octets of a line that are read, as in Google's parser: eight times the longest URL that common browsers take, 2,083.
LONGEST_LINE = 8 * 2083 - 1

#: The lines of a file end with CR, LF or both, and with nothing else that Unicode calls a line end (RFC 9309, 2.2).
_LINE_END = re.compile(r"\r\n|\r|\n")
#: What a product token is made of (RFC 9309, 2.2.1). `newsmill/1.0 (+https://...)` is `newsmill`.
_TOKEN = re.compile(r"[A-Za-z_-]*")
#: What stands in no URL: an octet of it is written as its escape.
_NO_ASCII = re.compile(r"[^!-~]")
#: A byte order mark, whole or in part. Files that were put together have it in the middle, too.
_MARK = "\ufeff\udcef\udcbb\udcbf"


def rules_for(text: str, token: str) -> str:
    """Return the rules in `text` for the crawler with this product token, as the file of a single group; '' without any.

    A group is for us where its name, cut at the first character that no product token has, is `token` in any case;
    several of one name are one. Only without any such group those for `*` count (RFC 9309, 2.2.1). Octets that are not UTF-8
    are in `text` as Python's surrogateescape has them.
    """
    groups = _Groups(token)
    for field, value in _fields(text):
        groups.read(field, value)
    return groups.ours()


class _Groups:
    """The two groups that may count, as the lines of a file come."""

    def __init__(self, token: str) -> None:
        self._token = token.lower()
        #: The rules by group, in their order, each once. A group without rules counts, too.
        self._found: dict[str, dict[str, None]] = {}
        self._delays: dict[str, str] = {}
        #: The names of the group that is being read, and whether more of them may follow.
        self._names: set[str] = set()
        self._open = False

    def read(self, field: str, value: str) -> None:
        if field in _AGENT:
            if not self._open:
                self._names = set()
            self._open = True
            name = self._name(value)
            if name:
                self._names.add(name)
                self._found.setdefault(name, {})
        elif field in _OF_GROUP:
            self._open = False
            if value:
                self._note(field, value)

    def ours(self) -> str:
        name = self._token if self._token in self._found else "*"
        delay = [f"Crawl-delay: {self._delays[name]}"] if name in self._delays else []
        lines = [*self._found.get(name, ()), *delay]
        return "".join(f"{line}\n" for line in ("User-agent: *", *lines)) if lines else ""

    def _name(self, value: str) -> str:
        """Return whose group `value` names: our token, '*', or '' for somebody else's."""
        if value[:1] == "*" and not value[1:2].strip():
            return "*"
        found = _TOKEN.match(value)
        return self._token if found and found[0].lower() == self._token else ""

    def _note(self, field: str, value: str) -> None:
        """Note a rule for each of the group's names that may count: two at most."""
        if field in _DELAY and _is_delay(value):
            self._delays.update(dict.fromkeys(self._names, value))
        elif field in _ALLOW or field in _DISALLOW:
            line = f"{'Allow' if field in _ALLOW else 'Disallow'}: {_NO_ASCII.sub(_escape, value)}"
            for name in self._names:
                self._found[name][line] = None


def _escape(character: re.Match[str]) -> str:
    return "".join(f"%{octet:02X}" for octet in character[0].encode("utf-8", "surrogateescape"))


def _fields(text: str) -> Iterator[tuple[str, str]]:
    for whole in _LINE_END.split(text):
        line = _cut(whole).partition("#")[0].strip().lstrip(_MARK)
        field = _field(line) if line else None
        if field:
            yield field


def _cut(line: str) -> str:
    """Return the first octets of a line that is too long."""
    if len(line) * 4 <= LONGEST_LINE:
        return line
    octets = line.encode("utf-8", "surrogateescape")[:LONGEST_LINE]
    return octets.decode("utf-8", "surrogateescape")


def _field(line: str) -> tuple[str, str] | None:
    head, colon, rest = line.partition(":")
    field = head.strip().lower()
    if colon and (field in FIELDS or not rest or rest[0].isspace()):
        return field, rest.strip()
    words = line.split(maxsplit=2)
    for count in (1, 2):
        candidate = " ".join(words[:count]).lower()
        if candidate in FIELDS:
            return candidate, " ".join(line.split()[count:])
    return (field, rest.strip()) if colon else None


def _is_delay(value: str) -> bool:
    try:
        seconds = float(value)
    except ValueError:
        return False
    return 0 <= seconds < math.inf
