"""robots.txt: whether a URL may be fetched, and how often (RFC 9309)."""

import math
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from functools import lru_cache
from typing import Protocol
from urllib.parse import urlsplit

from protego import Protego

from tasks.errors import Reason, Rejected, TryLater
from tasks.fetch.answer import Answer
from tasks.fetch.client import Client
from tasks.fetch.redirects import follow
from tasks.fetch.status import ending_of

#: Bytes of a file that are parsed; RFC 9309, 2.5 asks for at least 500 KiB.
MOST_BYTES = 500 * 1024
#: Seconds that a file may be used; RFC 9309, 2.4 asks for no more than a day.
ONE_DAY = 86_400.0

#: Seconds that a fetch may take beyond its total deadline: its last receive, its look-ups.
_SPARE = 10.0

#: Parsed files kept, and the longest text kept parsed: 128 hosts that try cost about 30 MB, not gigabytes.
_PARSED_KEPT = 128
_PARSED_LENGTH = 16_384

#: Redirects that lead nowhere: the file is unavailable, so anything is allowed (RFC 9309, 2.3.1.2).
_UNAVAILABLE = frozenset({Reason.REDIRECT_LOOP, Reason.TOO_MANY_REDIRECTS, Reason.BAD_URL})


class RobotsCache(Protocol):
    """Where the text of robots.txt files is kept between pages; an origin is `scheme://host[:port]`."""

    def get(self, origin: str) -> str | None:
        """Return the text kept for `origin`, '' where anything is allowed; None if none is kept."""

    def put(self, origin: str, text: str, seconds: float) -> None:
        """Keep `text` for `origin` for `seconds`."""

    def fetching(self, origin: str, seconds: float) -> AbstractContextManager[bool]:
        """Yield True to the one who is to fetch the file of `origin`, and has `seconds` for it.

        To anybody else who asks meanwhile False, once that is over, well or not.
        """
        ...


class MemoryRobotsCache:
    """A cache in the process: what is too old is not given out, but still held, until there are `most`."""

    def __init__(self, clock: Callable[[], float] = time.monotonic, most: float = math.inf) -> None:
        self._clock = clock
        self._most = most
        self._lock = threading.Lock()
        self._kept: dict[str, tuple[str, float]] = {}
        self._fetched: dict[str, threading.Event] = {}

    def get(self, origin: str) -> str | None:
        """Return the text kept for `origin`, None if there is none or it is too old."""
        with self._lock:
            text, until = self._kept.get(origin, ("", 0.0))
            return text if self._clock() < until else None

    def put(self, origin: str, text: str, seconds: float) -> None:
        """Keep `text` for `origin` for `seconds`; where there are `most` already, those go."""
        with self._lock:
            if len(self._kept) >= self._most:
                self._kept.clear()
            self._kept[origin] = (text, self._clock() + seconds)

    @contextmanager
    def fetching(self, origin: str, seconds: float) -> Iterator[bool]:
        """Yield True to the first who asks, False to the others when the first is done."""
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
    """Asks each origin's robots.txt on behalf of `product_token`; shared by all threads of a worker.

    The text is kept in `cache` for `ttl` seconds, whatever worker fetched it.
    """

    def __init__(self, client: Client, cache: RobotsCache, product_token: str, ttl: float = ONE_DAY) -> None:
        self._client = client
        self._cache = cache
        #: What a group of rules that is meant for us is named (RFC 9309, 2.2.1).
        self.product_token = product_token
        self._ttl = ttl
        self._parsed = lru_cache(_PARSED_KEPT)(Protego.parse)

    def check(self, url: str) -> float | None:
        """Raise Rejected(ROBOTS) if robots.txt disallows `url`.

        Returns the seconds that it asks for between two requests (Crawl-delay), None if it does not say. Raises
        TryLater(ROBOTS_UNREACHABLE) if the file could not be had (RFC 9309, 2.3.1.4: all is disallowed
        meanwhile), TryLater(UNREACHABLE) if the host does not answer at all, Rejected(BLOCKED_ADDRESS) if the way
        to it leads inside.
        """
        rules = self._rules(url)
        if not rules.can_fetch(url, self.product_token):
            raise Rejected(Reason.ROBOTS, f"{_origin(url)}/robots.txt disallows it for {self.product_token}.")
        delay = rules.crawl_delay(self.product_token)
        return delay if delay is not None and 0 < delay < math.inf else None

    def _rules(self, url: str) -> Protego:
        origin = _origin(url)
        text = self._cache.get(origin)
        if text is None:
            text = self._fetch_once(origin)
        return self._parsed(text) if len(text) <= _PARSED_LENGTH else Protego.parse(text)

    def _fetch_once(self, origin: str) -> str:
        """Fetch the file, or wait for whoever does already."""
        with self._cache.fetching(origin, self._client.limits.total + _SPARE) as mine:
            text = self._cache.get(origin)
            if text is None and not mine:
                raise TryLater(
                    Reason.ROBOTS_UNREACHABLE, f"{origin}/robots.txt could not be had by who asked for it."
                )
            if text is None:
                text = self._fetch(origin)
                self._cache.put(origin, text, self._ttl)
            return text

    def _fetch(self, origin: str) -> str:
        try:
            with follow(
                self._client, f"{origin}/robots.txt", self._client.budget(), admit=_anywhere
            ) as answer:
                return _text(answer)
        except TryLater as trouble:
            if trouble.reason is Reason.UNREACHABLE and not trouble.host:
                raise  # the host itself, then, not its robots.txt, nor what that redirects to
            raise _unreachable(origin, trouble.detail, trouble.after) from trouble
        except Rejected as refusal:
            if refusal.reason in _UNAVAILABLE:
                return ""
            if refusal.reason is Reason.BLOCKED_ADDRESS:
                raise
            raise _unreachable(origin, refusal.detail) from refusal


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


def _anywhere(_url: str) -> None:
    """Admit every hop: no robots.txt stands before a robots.txt."""


def _text(answer: Answer) -> str:
    """Return the rules in `answer`, '' if the file is unavailable; TryLater if that may pass."""
    ending = ending_of(answer.status, answer.headers.get("retry-after"), time.time())
    if isinstance(ending, TryLater):  # 5xx; of the 4xx those that ask to wait, as Google reads 429
        raise ending
    if ending is not None:
        return ""  # RFC 9309, 2.3.1.3
    content = answer.read(MOST_BYTES)
    if len(content) == MOST_BYTES:  # half a line could disallow more than the whole: `/` of `/private`
        content = content[: content.rfind(b"\n") + 1]
    return content.decode("utf-8-sig", "replace")


def _unreachable(origin: str, why: str, after: float | None = None) -> TryLater:
    detail = f"{origin}/robots.txt could not be had: {why}"
    return TryLater(Reason.ROBOTS_UNREACHABLE, detail, after=after, whole_host=True)
