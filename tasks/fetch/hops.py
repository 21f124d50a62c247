"""What is noted of each request on the way to a page: enough to see what happened, within a message of 4 KB."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

from tasks.article import Hop
from tasks.errors import Ending

#: Characters of a URL, of the user agent, and of what else was sent.
_LONGEST_URL, _LONGEST_AGENT, _LONGEST_SENT = 100, 120, 60
#: Hops that are kept: the first and the last ones. Five redirects make six.
_MOST_HOPS = 6
REDIRECT, REFRESH = "redirect", "refresh"


class Trail:
    """The requests of one fetch, in order."""

    def __init__(self, user_agent: str) -> None:
        self._user_agent = _cut(f"User-Agent: {user_agent}", _LONGEST_AGENT)
        self._hops: list[Hop] = []

    def add(self, url: str, status: int, cookies: Sequence[str], headers: Mapping[str, str]) -> None:
        """Note a request and the status of its response; of `cookies`, the names, no value is ever kept."""
        sent = [f"{name}: {value}" for name, value in headers.items()]
        if cookies:
            sent.append(f"Cookie: {', '.join(cookies)}")
        short = [_cut(one, _LONGEST_SENT) for one in sent]
        if not self._hops:
            short.insert(0, self._user_agent)
        self._hops.append(Hop(_cut(url, _LONGEST_URL), status, sent=tuple(short)))

    def lead_on(self, how: str) -> None:
        """Note how the last response leads to the next request."""
        last = self._hops[-1]
        self._hops[-1] = Hop(last.url, last.status, how, last.sent)

    @contextmanager
    def kept(self) -> Iterator[None]:
        """Note the hops on an ending that is raised meanwhile: a loop is understood by its hops."""
        try:
            yield
        except Ending as ending:
            if hops := self.hops():
                ending.known["hops"] = hops
            raise

    def hops(self) -> tuple[Hop, ...]:
        """Return the hops, none where the first one led nowhere."""
        if len(self._hops) == 1 and not self._hops[0].led_on:
            return ()
        return tuple(self._hops[:1] + self._hops[1:][1 - _MOST_HOPS :])


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[: most - 3]}..."
