"""The pages of a run, generated from its seed, and how each of their URLs must end.

Plain stories, long ones that take time to parse, slow ones, exact copies, missing pages, and pages that answer 503 at
first. One server on a loopback port has all hosts. Some experiments add pages that crash (crashing_pages.py).
"""

import signal
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from random import Random
from urllib.parse import urlsplit

from tasks.article import article_id
from tests.faults.crashing_pages import Crash
from tests.faults.forked_process import ForkedProcess
from tests.faults.invariant import Expected

#: How many pages there are of each kind: 155 URLs.
PLAIN, LONG, SLOW, FLAKY, COPIES, MISSING = 70, 15, 20, 10, 20, 20
CRASHING = 2
HOSTS = 10
#: Sentences of a plain story, and of a long one, which takes about 0.1 s of CPU: enough time to be killed in.
SENTENCES, MANY = 8, 300

#: A sentence is twelve of these 64 words, at random: no two stories are near copies.
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
    """The story of a page."""

    title: str
    sentences: tuple[str, ...]

    def html(self, crash: Crash | None, hostile: str = "") -> bytes:
        """Return the page, with the mark of what crashes the process that parses it, and a hostile part."""
        paragraphs = "".join(f"<p>{sentence}</p>" for sentence in self.sentences)
        mark = crash.mark if crash else ""
        head = f"<meta charset=utf-8>{mark}<title>{self.title}</title>{hostile}"
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
    crash: Crash | None = None
    #: A part of its head that takes long to read.
    hostile: str = ""

    def at(self, port: int) -> str:
        """Return the URL with the port of the site."""
        return self.url.replace(".test/", f".test:{port}/")

    def expected(self) -> Expected:
        """Return how it must end: pages with the same title have the same story."""
        if self.crash:
            return Expected(None, "crashed", crashes_in="extract")
        return Expected(self.story.title) if self.story else Expected(None, "not_found")


def generate_pages(
    rng: Random, crash: Crash | None = None, size: int = 1, hostile: Sequence[str] = ()
) -> list[Page]:
    """Return the pages of a seed in the order of submission.

    `size` times 155 URLs, CRASHING more with a `crash`, and one for each `hostile` part.
    """
    count, long, slow_count, copy_count = (
        size * (PLAIN + LONG + SLOW),
        size * LONG,
        size * SLOW,
        size * COPIES,
    )
    stories = [_story(rng, number, MANY if number < long else SENTENCES) for number in range(count)]
    pages = [Page(_url(rng, number), story) for number, story in enumerate(stories)]
    slow = [replace(page, delay=rng.uniform(0.2, 0.8)) for page in pages[-slow_count:]]
    copies = [Page(_url(rng, count + number), rng.choice(stories)) for number in range(copy_count)]
    missing = [Page(_url(rng, count + copy_count + number)) for number in range(size * MISSING)]
    # A 503 makes its whole host wait: each of these pages has a host of its own.
    flaky = [
        Page(f"http://flaky{number}.test/page", _story(rng, count + number, SENTENCES), flaky=True)
        for number in range(size * FLAKY)
    ]
    site = [*pages[:-slow_count], *slow, *copies, *missing, *flaky]
    if crash:
        site += [
            Page(f"http://crashing{number}.test/page", _story(rng, number, SENTENCES), crash=crash)
            for number in range(CRASHING)
        ]
    site += [
        Page(f"http://hostile{number}.test/page", _story(rng, number, SENTENCES), hostile=part)
        for number, part in enumerate(hostile)
    ]
    rng.shuffle(site)
    return site


def _url(rng: Random, number: int) -> str:
    return f"http://host{rng.randrange(HOSTS)}.test/page/{number}"


def _story(rng: Random, number: int, length: int) -> Story:
    sentences = tuple(_sentence(rng) for _ in range(length))
    return Story(f"Report number {number} of the year {rng.randrange(1000, 2000)}", sentences)


def _sentence(rng: Random) -> str:
    return " ".join(rng.choice(_WORDS) for _ in range(12)).capitalize() + "."


def expectations(pages: Iterable[Page], port: int) -> dict[str, Expected]:
    """Return by article id how each page must end."""
    return {article_id(page.at(port)): page.expected() for page in pages}


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    # A worker that starts again opens many connections at once.
    request_queue_size = 128

    def __init__(self, pages: Iterable[Page]) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.pages = {page.url: page for page in pages}
        self.asked: set[str] = set()

    def handle_error(self, request: object, client_address: object) -> None:
        """Log nothing: the client has been killed."""


class _Handler(BaseHTTPRequestHandler):
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
            self._answer(200, page.story.html(page.crash, page.hostile))

    def _answer(self, status: int, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", "text/html")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Log nothing."""


@contextmanager
def serving(pages: Iterable[Page], folder: Path) -> Iterator[int]:
    """Serve the pages from a process of its own; yield the port."""
    with _Server(pages) as server:
        process = ForkedProcess("site", server.serve_forever, folder / "site.log")
        process.start()
        try:
            yield server.server_port
        finally:
            process.send(signal.SIGKILL)
            process.wait(10)
