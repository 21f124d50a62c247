"""robots.txt: whether a URL may be fetched, and how long to wait between requests (RFC 9309)."""

import math
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from functools import lru_cache
from typing import Protocol
from urllib.parse import urlsplit

from tasks.errors import Failed, Reason, Rejected, TryLater
from tasks.fetch.client import Client
from tasks.fetch.redirects import follow
from tasks.fetch.response import Response
from tasks.fetch.robots_match import Rules
from tasks.fetch.robots_rules import rules_for
from tasks.fetch.status import ending_of
from tasks.hosts import HostList, Hosts

#: Bytes of a file that are parsed; at least 500 KiB by RFC 9309, 2.5.
MOST_BYTES = 500 * 1024
#: Seconds that a file is used; a day at most by RFC 9309, 2.4.
ONE_DAY = 86_400.0

#: Seconds that a fetch may take beyond its total deadline: the last receive, the DNS look-ups.
_SPARE = 10.0

#: Parsed files kept, and the longest text of one: 128 hostile files take about 30 MB then, not gigabytes.
_PARSED_KEPT = 128
_PARSED_LENGTH = 16_384

#: Redirects without an end: the file counts as unavailable, so everything is allowed (RFC 9309, 2.3.1.2).
_UNAVAILABLE = frozenset({Reason.REDIRECT_LOOP, Reason.TOO_MANY_REDIRECTS, Reason.BAD_URL})


class RobotsCache(Protocol):
    """Keeps robots.txt files by origin, `scheme://host[:port]`: the rules in them that are for us (robots_rules.py)."""

    def get(self, origin: str) -> str | None:
        """Return the text kept for `origin`, '' where everything is allowed; None if none is kept."""

    def put(self, origin: str, text: str, seconds: float) -> None:
        """Keep `text` for `origin` for `seconds`."""

    def fetching(self, origin: str, seconds: float) -> AbstractContextManager[bool]:
        """Yield True to the caller that is to fetch the file of `origin`, for which it has `seconds`.

        Every other caller waits until that fetch has ended, successfully or not, and gets False.
        """
        ...


class MemoryRobotsCache:
    """A cache in this process. An expired text is not returned; all texts are dropped once there are `most`."""

    def __init__(self, clock: Callable[[], float] = time.monotonic, most: float = math.inf) -> None:
        self._clock = clock
        self._most = most
        self._lock = threading.Lock()
        self._kept: dict[str, tuple[str, float]] = {}
        self._fetched: dict[str, threading.Event] = {}

    def get(self, origin: str) -> str | None:
        """Return the text kept for `origin`; None if there is none or it has expired."""
        with self._lock:
            text, until = self._kept.get(origin, ("", 0.0))
            return text if self._clock() < until else None

    def put(self, origin: str, text: str, seconds: float) -> None:
        """Keep `text` for `origin` for `seconds`; the cache is emptied before if it holds `most`."""
        with self._lock:
            if len(self._kept) >= self._most:
                self._kept.clear()
            self._kept[origin] = (text, self._clock() + seconds)

    @contextmanager
    def fetching(self, origin: str, seconds: float) -> Iterator[bool]:
        """Yield True to the first caller, False to the others when the first is done."""
        with self._lock:
            mine = origin not in self._fetched
            over = self._fetched.setdefault(origin, threading.Event())
        if not mine:
            over.wait(seconds)
            yield False
            return
        try:
            yield True
        finally:
            with self._lock:
                del self._fetched[origin]
            over.set()


class Robots:
    """Checks URLs against the robots.txt of their origin; shared by all threads of a worker.

    `product_token` selects the group of rules. Texts are kept in `cache`, which workers may share, for `ttl` seconds.
    `hosts` knows what the operator says of hosts, which comes before anything is asked of one.
    """

    def __init__(
        self,
        client: Client,
        cache: RobotsCache,
        product_token: str,
        ttl: float = ONE_DAY,
        *,
        hosts: Hosts | None = None,
    ) -> None:
        self._client = client
        self._cache = cache
        #: The name of newsmill's group of rules (RFC 9309, 2.2.1).
        self.product_token = product_token
        self._ttl = ttl
        self._hosts = hosts or HostList()
        self._parsed = lru_cache(_PARSED_KEPT)(Rules)

    def check(self, url: str) -> float | None:
        """Raise Rejected(ROBOTS) if robots.txt disallows `url`, Rejected(HOST_DENIED) if the operator does.

        Returns its Crawl-delay, the seconds between two requests; None if it has none. Raises
        TryLater(ROBOTS_UNREACHABLE) if the file cannot be fetched (RFC 9309, 2.3.1.4: everything is disallowed
        meanwhile), TryLater(UNREACHABLE) or TryLater(TLS) if the host does not answer at all, Rejected(BLOCKED_ADDRESS) if the host or
        a redirect is at an address that is not public, TryLater(HOST_PAUSED) if the operator has paused the host.
        """
        self._hosts.check(url)
        rules = self._rules(url)
        if not rules.allow(url):
            raise Rejected(
                Reason.ROBOTS, f"{_origin(url)}/robots.txt disallows this URL for {self.product_token}."
            )
        return rules.delay

    def _rules(self, url: str) -> Rules:
        origin = _origin(url)
        text = self._cache.get(origin)
        if text is None:
            text = self._fetch_once(origin)
        return self._parsed(text) if len(text) <= _PARSED_LENGTH else Rules(text)

    def _fetch_once(self, origin: str) -> str:
        """Fetch the file, or wait while another worker or thread does."""
        with self._cache.fetching(origin, self._client.limits.total + _SPARE) as mine:
            text = self._cache.get(origin)
            if text is None and not mine:
                raise TryLater(
                    Reason.ROBOTS_UNREACHABLE,
                    f"Cannot fetch {origin}/robots.txt: another worker has just tried, and failed.",
                )
            if text is None:
                text = rules_for(self._fetch(origin), self.product_token)
                self._cache.put(origin, text, self._ttl)
            return text

    def _fetch(self, origin: str) -> str:
        try:
            with follow(
                self._client, f"{origin}/robots.txt", self._client.budget(), admit=self._hosts.check
            ) as response:
                return _text(response)
        except TryLater as trouble:
            if trouble.reason in {Reason.UNREACHABLE, Reason.TLS} and trouble.whole_host:
                raise  # the host itself cannot be reached, not only its robots.txt or the target of a redirect
            raise _unreachable(origin, trouble.detail, trouble.after) from trouble
        except (Rejected, Failed) as refusal:
            if refusal.reason in _UNAVAILABLE:
                return ""
            if refusal.reason is Reason.BLOCKED_ADDRESS:
                raise
            raise _unreachable(origin, refusal.detail) from refusal


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


def _text(response: Response) -> str:
    """Return the rules in `response`, '' if there is no such file; TryLater for a temporary error."""
    ending = ending_of(response.status, response.headers.get("retry-after"), time.time())
    if isinstance(ending, TryLater):  # 5xx, and the 4xx that ask to wait: Google treats 429 so, too
        raise ending
    if ending is not None:
        return ""  # RFC 9309, 2.3.1.3
    content = response.read(MOST_BYTES)
    if (
        len(content) == MOST_BYTES
    ):  # a line cut in two could disallow more than the whole one: `/` of `/private`
        content = content[: max(content.rfind(b"\n"), content.rfind(b"\r")) + 1]
    return content.decode("utf-8", "surrogateescape")


def _unreachable(origin: str, why: str, after: float | None = None) -> TryLater:
    detail = f"Cannot fetch {origin}/robots.txt: {why}"
    return TryLater(Reason.ROBOTS_UNREACHABLE, detail, after=after, whole_host=True)
