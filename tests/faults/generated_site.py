"""A small web out of a seed, and what must become of each of its URLs.

Plain stories, long ones that take a parser a while, slow ones, exact copies, pages that are not there, and pages that
answer 503 at first. All hosts are one server on a loopback port. Some experiments add pages that do harm (harm.py).
"""

import signal
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from random import Random
from urllib.parse import urlsplit

from tasks.article import article_id
from tests.faults.harm import Harm
from tests.faults.invariant import Expected
from tests.faults.nursery import Forked

#: How many pages there are of each kind: 155 URLs.
PLAIN, LONG, SLOW, FLAKY, COPIES, MISSING = 70, 15, 20, 10, 20, 20
HARMFUL = 2
HOSTS = 10
#: Sentences of a plain story, and of a long one, which takes about 0.1 s of CPU: time enough to be killed in.
SENTENCES, MANY = 8, 300

#: Twelve of 64 words, at random: no two stories are nearly the same.
_WORDS = (
    *(
        "river",
        "bridge",
        "harbour",
        "market",
        "school",
        "garden",
        "winter",
        "summer",
        "letter",
        "museum",
        "station",
    ),
    *(
        "kitchen",
        "hospital",
        "forest",
        "village",
        "teacher",
        "driver",
        "farmer",
        "doctor",
        "writer",
        "singer",
    ),
    *(
        "painter",
        "soldier",
        "captain",
        "sailor",
        "baker",
        "miller",
        "window",
        "ladder",
        "candle",
        "mirror",
        "blanket",
    ),
    *(
        "basket",
        "bottle",
        "hammer",
        "saddle",
        "anchor",
        "engine",
        "wagon",
        "tunnel",
        "tower",
        "castle",
        "church",
    ),
    *(
        "theatre",
        "library",
        "meadow",
        "island",
        "valley",
        "mountain",
        "desert",
        "ocean",
        "thunder",
        "rainbow",
    ),
    *(
        "shadow",
        "morning",
        "evening",
        "supper",
        "breakfast",
        "holiday",
        "journey",
        "pocket",
        "button",
        "needle",
    ),
    "orchard",
)


@dataclass(frozen=True, slots=True)
class Story:
    """What stands on a page."""

    title: str
    sentences: tuple[str, ...]

    def html(self, harm: Harm | None) -> bytes:
        """Return the page, with what does harm to the process that parses it."""
        paragraphs = "".join(f"<p>{sentence}</p>" for sentence in self.sentences)
        mark = harm.mark if harm else ""
        head = f"<meta charset=utf-8>{mark}<title>{self.title}</title>"
        body = f"<article><h1>{self.title}</h1>{paragraphs}</article>"
        return f"<!doctype html><html lang=en><head>{head}</head><body>{body}</body></html>".encode()


@dataclass(frozen=True, slots=True)
class Page:
    """A URL without its port, and how its host answers: None is a 404."""

    url: str
    story: Story | None = None
    #: Seconds before the answer.
    delay: float = 0.0
    #: Whether the first answer is 503.
    flaky: bool = False
    #: What it does to the process that parses it.
    harm: Harm | None = None

    def at(self, port: int) -> str:
        """Return the URL on the port that the site has."""
        return self.url.replace(".test/", f".test:{port}/")

    def expected(self) -> Expected:
        """Return what must become of it: pages with the same title have the same story."""
        if self.harm:
            return Expected(None, "crashed", dies_in="extract")
        return Expected(self.story.title) if self.story else Expected(None, "not_found")


def pages_of(rng: Random, harm: Harm | None = None) -> list[Page]:
    """Return the web of a seed, in the order in which it is submitted; with HARMFUL pages that do `harm`."""
    count = PLAIN + LONG + SLOW
    stories = [_story(rng, number, MANY if number < LONG else SENTENCES) for number in range(count)]
    pages = [Page(_url(rng, number), story) for number, story in enumerate(stories)]
    slow = [replace(page, delay=rng.uniform(0.2, 0.8)) for page in pages[-SLOW:]]
    copies = [Page(_url(rng, count + number), rng.choice(stories)) for number in range(COPIES)]
    missing = [Page(_url(rng, count + COPIES + number)) for number in range(MISSING)]
    # A 503 makes its whole host wait: each has one of its own.
    flaky = [
        Page(f"http://flaky{number}.test/page", _story(rng, count + number, SENTENCES), flaky=True)
        for number in range(FLAKY)
    ]
    web = [*pages[:-SLOW], *slow, *copies, *missing, *flaky]
    if harm:
        web += [
            Page(f"http://harmful{number}.test/page", _story(rng, number, SENTENCES), harm=harm)
            for number in range(HARMFUL)
        ]
    rng.shuffle(web)
    return web


def _url(rng: Random, number: int) -> str:
    return f"http://host{rng.randrange(HOSTS)}.test/page/{number}"


def _story(rng: Random, number: int, length: int) -> Story:
    sentences = tuple(_sentence(rng) for _ in range(length))
    return Story(f"Report number {number} of the year {rng.randrange(1000, 2000)}", sentences)


def _sentence(rng: Random) -> str:
    return " ".join(rng.choice(_WORDS) for _ in range(12)).capitalize() + "."


def expectations(pages: Iterable[Page], port: int) -> dict[str, Expected]:
    """Return by article id what must become of each page."""
    return {article_id(page.at(port)): page.expected() for page in pages}


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    # A worker that starts again opens many connections at once.
    request_queue_size = 128

    def __init__(self, pages: Iterable[Page]) -> None:
        super().__init__(("127.0.0.1", 0), _Answers)
        self.pages = {page.url: page for page in pages}
        self.asked: set[str] = set()

    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing: whoever asked has been killed."""


class _Answers(BaseHTTPRequestHandler):
    server: _Server

    def do_GET(self) -> None:
        url = f"http://{urlsplit('//' + self.headers['Host']).hostname}{self.path}"
        page = self.server.pages.get(url, Page(url))
        first = url not in self.server.asked
        self.server.asked.add(url)
        time.sleep(page.delay)
        if page.story is None:
            self._answer(404, b"no such page")
        elif page.flaky and first:
            self._answer(503, b"not now")
        else:
            self._answer(200, page.story.html(page.harm))

    def _answer(self, status: int, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", "text/html")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@contextmanager
def serving(pages: Iterable[Page], folder: Path) -> Iterator[int]:
    """Serve the pages from a process of their own; yields the port."""
    with _Server(pages) as server:
        process = Forked("web", server.serve_forever, folder / "web.log")
        process.start()
        try:
            yield server.server_port
        finally:
            process.send(signal.SIGKILL)
            process.wait(10)
