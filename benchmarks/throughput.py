"""What one process of each kind does: pages a second, CPU and memory, milliseconds a stage.

    python benchmarks/throughput.py [--copies 4]                 the demo's stories
    NEWSMILL_DATA=folder python benchmarks/throughput.py         the pages in its pages/html/*.html.gz

A server on loopback has the pages on 40 hosts; a scheduler, a fetch worker and an enrich worker of one process work on
them one after the other, so that each has the machine for itself. Hosts have no budget here: the network and their
budgets are what limits a real run (docs/scaling.md).
"""

import argparse
import gzip
import multiprocessing
import os
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_network
from pathlib import Path
from statistics import mean, median

from pydantic import SecretStr

from seeds.demo.pages import story_page
from seeds.demo.sites import load_sites
from seeds.demo.stories import load_stories
from tasks.article import article_id
from tasks.urls import host_of
from workers.embedded import EmbeddedRedis, free_port
from workers.frontier import SUBMIT_BATCH, Frontier, Policy, Submission
from workers.processes import Child
from workers.redis_client import connect
from workers.settings import Settings, load_settings
from workers.store import open_store

HOSTS = 40
#: Seconds that a phase may take before the benchmark gives up.
PATIENCE = 300


@dataclass(frozen=True, slots=True)
class Page:
    """A page as the server sends it."""

    content_type: str
    body: bytes


@dataclass(frozen=True, slots=True)
class Use:
    """What a process and its children have used, and when: seconds of CPU, resident bytes, seconds of a clock."""

    cpu: float
    memory: int
    at: float

    @classmethod
    def of(cls, child: Child) -> "Use":
        """Read /proc."""
        assert child.process is not None
        pids, cpu, memory = [child.process.pid], 0.0, 0
        for pid in pids:
            proc = Path("/proc") / str(pid)
            pids += map(int, (proc / "task" / str(pid) / "children").read_text().split())
            fields = (proc / "stat").read_text().rsplit(")", 1)[1].split()
            cpu += sum(map(int, fields[11:15])) / os.sysconf("SC_CLK_TCK")
            memory += int(fields[21]) * os.sysconf("SC_PAGE_SIZE")
        return cls(cpu, memory, time.perf_counter())


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument(
        "--copies", type=int, default=4, help="of each story, every one with a text of its own"
    )
    given = parser.parse_args()
    data = os.environ.get("NEWSMILL_DATA")
    pages = pages_in(Path(data)) if data else demo_pages(given.copies)
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="newsmill-bench-")))
        port = stack.enter_context(serving(pages))
        redis = EmbeddedRedis(folder, free_port())
        server = stack.enter_context(running(redis.child()))
        redis.wait(server)
        print(f"{len(pages)} pages, {median(len(page.body) for page in pages) / 1000:.0f} kB in the median\n")
        measure(settings_for(redis.url, folder, port), folder, urls_of(pages, port), server)


def measure(settings: Settings, folder: Path, urls: list[str], server: Child) -> None:
    """Let the three kinds of process work one after the other, and print what that took; `server` is the Redis."""
    client = connect(settings)
    frontier = Frontier(client, settings.key_prefix, Policy.of(settings))
    queue, pages = settings.key_prefix + "celery:enrich", len(urls)

    def start(*command: str) -> Child:
        log = folder / f"{command[-1]}.log"
        arguments = [sys.executable, "-m", "workers.cli", *command]
        return Child(command[-1], arguments, log=log, env=settings.environment())

    print(f"{'process':12}{'pages/s':>10}{'CPU ms/page':>14}{'MB':>8}")
    empty, idle = client.info("memory")["used_memory"], Use.of(server)
    with open_store(settings.database_url.get_secret_value()) as store:
        with running(start("scheduler")) as scheduler:
            # One page for it to wake up on: its start does not count.
            submit(frontier, urls[:1])
            until(lambda: frontier.snapshot().in_flight, 1)
            before = Use.of(scheduler)
            submit(frontier, urls[1:])
            until(lambda: frontier.snapshot().in_flight, pages)
            report("scheduler", pages - 1, before, Use.of(scheduler))
        with running(start("worker", "fetch")) as fetch:
            phase("fetch", fetch, lambda: client.llen(queue) + frontier.snapshot().settled, pages)
        waiting = client.info("memory")["used_memory"] - empty
        with running(start("worker", "enrich")) as enrich:
            phase("enrich", enrich, lambda: frontier.snapshot().settled, pages)
        cpu = (Use.of(server).cpu - idle.cpu) * 1000 / pages
        print(f"{'redis':12}{'':>10}{cpu:>14.1f}{'':>8}   {waiting / pages / 1000:.0f} kB a page in flight")
        rows = list(store.rows())
    print_stages([row["timings"] for row in rows])
    outcomes = Counter(row["outcome"] for row in rows)
    print("\n" + ", ".join(f"{count} {name}" for name, count in outcomes.items()))


def phase(name: str, child: Child, done: Callable[[], int], pages: int) -> None:
    """Report what a worker took from its first page on: its start does not count."""
    first = until(done, done() + 1)
    before = Use.of(child)
    until(done, pages)
    report(name, pages - first, before, Use.of(child))


def report(name: str, pages: int, before: Use, after: Use) -> None:
    """Print a process's line."""
    speed = pages / (after.at - before.at)
    print(
        f"{name:12}{speed:>10,.0f}{(after.cpu - before.cpu) * 1000 / pages:>14.1f}{after.memory / 1e6:>8,.0f}"
    )


def print_stages(timings: list[dict[str, float]]) -> None:
    """Print the milliseconds of each stage."""
    print(f"\n{'stage':16}{'mean ms':>10}{'median':>10}")
    for stage in ("fetch", "extract", "detect_language", "dedupe", "tag_topics"):
        times = [one[stage] for one in timings if stage in one]
        print(f"{stage:16}{mean(times):>10.1f}{median(times):>10.1f}")


def until(count: Callable[[], int], enough: int) -> int:
    """Return `count()` once it is at least `enough`."""
    deadline = time.monotonic() + PATIENCE
    while (now := count()) < enough:
        if time.monotonic() > deadline:
            raise SystemExit(f"stuck at {now} of {enough}")
        time.sleep(0.03)  # often enough for phases of seconds, seldom enough not to load Redis itself
    return now


def submit(frontier: Frontier, urls: list[str]) -> None:
    """Queue the URLs."""
    for at in range(0, len(urls), SUBMIT_BATCH):
        batch = urls[at : at + SUBMIT_BATCH]
        frontier.submit(Submission(article_id(url), url, host_of(url)) for url in batch)


def settings_for(redis_url: str, folder: Path, port: int) -> Settings:
    """Return the settings of the processes: hosts without a budget, and all pages in flight at once."""
    return load_settings(
        redis_url=SecretStr(redis_url),
        database_url=SecretStr(f"sqlite:///{folder}/newsmill.db"),
        allow_networks=(ip_network("127.0.0.0/8"),),
        allow_ports=(port,),
        resolve={"test": "127.0.0.1"},
        host_interval=0,
        host_concurrency=1000,
        max_in_flight=100_000,
        enrich_processes=1,
    )


def pages_in(folder: Path) -> list[Page]:
    """Return the pages of a folder of data."""
    files = sorted((folder / "pages" / "html").glob("*.html.gz"))
    return [Page("text/html", gzip.decompress(file.read_bytes())) for file in files]


def demo_pages(copies: int) -> list[Page]:
    """Return the demo's stories; each copy has a number after each paragraph, so that none is a duplicate."""
    sites = load_sites()
    pages = []
    for story in load_stories():
        site = sites[story.site]
        body = story_page(story, site, 80)
        pages += [
            Page(site.content_type, body.replace(b"</p>", f" {copy}.</p>".encode())) for copy in range(copies)
        ]
    return pages


def urls_of(pages: list[Page], port: int) -> list[str]:
    """Return the URL of each page."""
    return [f"http://site-{number % HOSTS}.test:{port}/{number}.html" for number in range(len(pages))]


@contextmanager
def serving(pages: list[Page]) -> Iterator[int]:
    """Serve the pages from a process of its own; yield the port."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def do_GET(self) -> None:
            name = self.path.strip("/").removesuffix(".html")
            page = pages[int(name)] if name.isdigit() else None
            self.send_response(200 if page else 404)
            self.send_header("Content-Type", page.content_type if page else "text/plain")
            self.send_header("Content-Length", str(len(page.body) if page else 0))
            self.end_headers()
            self.wfile.write(page.body if page else b"")

        def log_message(self, *_: object) -> None:
            """Stay quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    process = multiprocessing.get_context("fork").Process(target=server.serve_forever, daemon=True)
    process.start()
    try:
        yield server.server_port
    finally:
        process.kill()
        process.join()


@contextmanager
def running(child: Child) -> Iterator[Child]:
    """Start a process, and end it."""
    child.start()
    try:
        yield child
    finally:
        child.terminate()
        child.wait(30)


if __name__ == "__main__":
    main()
