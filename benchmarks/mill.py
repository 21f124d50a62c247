"""A newsmill of this machine's own for benchmarks: a server of pages, the processes, and what they use."""

import multiprocessing
import os
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_network
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from pydantic import SecretStr

from tasks.article import article_id
from tasks.urls import host_of
from workers.ledger.entries import Policy, Submission
from workers.ledger.frontier import SUBMIT_BATCH, Frontier
from workers.ledger.redis_client import RedisClient, connect
from workers.local.redis_server import EmbeddedRedis, free_port
from workers.local.supervisor import Child, running
from workers.settings import Settings, load_settings

#: Hosts that the pages are on.
HOSTS = 40
#: Seconds that anything may take before the benchmark gives up.
PATIENCE = 600


@dataclass(frozen=True, slots=True)
class Page:
    """A page as the server sends it."""

    content_type: str
    body: bytes


@dataclass(frozen=True, slots=True)
class Use:
    """What a process and its children have used, and when: seconds of CPU, bytes of memory, seconds of a clock.

    Memory that processes share is counted once (Pss).
    """

    cpu: float
    memory: int
    at: float

    @classmethod
    def of(cls, *children: Child) -> Self:
        """Read /proc. What ends meanwhile, as a pool's processes do, is its parent's."""
        cpu, memory = 0.0, 0
        for proc in family(*children):
            with suppress(ProcessLookupError, FileNotFoundError):
                fields = (proc / "stat").read_text().rsplit(")", 1)[1].split()
                rollup = (proc / "smaps_rollup").read_text()
                cpu += sum(map(int, fields[11:15])) / os.sysconf("SC_CLK_TCK")
                memory += int(rollup.partition("\nPss:")[2].split()[0]) * 1024
        return cls(cpu, memory, time.perf_counter())


def family(*children: Child) -> Iterator[Path]:
    """Yield the folders in /proc of the processes and their children."""
    pids = [child.process.pid for child in children if child.process is not None]
    for pid in pids:
        proc = Path("/proc") / str(pid)
        with suppress(ProcessLookupError, FileNotFoundError):
            pids += map(int, (proc / "task" / str(pid) / "children").read_text().split())
            yield proc


class Mill:
    """Redis, and whatever is started of scheduler and workers. Hosts have no budget, all pages may be in flight."""

    def __init__(self, folder: Path, port: int, **settings: Any) -> None:
        """Start Redis in `folder`; the pages are served on `port`."""
        self._stack = ExitStack()
        self.folder = folder
        server = EmbeddedRedis(folder, free_port())
        self.redis = self._stack.enter_context(running(server.child()))
        server.wait(self.redis)
        self.settings = settings_for(server.url, folder, port, **settings)
        self.client: RedisClient = connect(self.settings)
        self.frontier = Frontier(self.client, self.settings.key_prefix, Policy.of(self.settings))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End what was started."""
        self._stack.close()

    def start(self, *command: str, settings: Settings | None = None) -> Child:
        """Start `newsmill command`; it ends with this mill, at the latest."""
        return self._stack.enter_context(running(self.child(*command, settings=settings)))

    def child(self, *command: str, settings: Settings | None = None) -> Child:
        """Return `newsmill command`, not started."""
        arguments = [sys.executable, "-m", "workers.cli", *command]
        environment = (settings or self.settings).environment()
        return Child(command[-1], arguments, log=self.folder / f"{command[-1]}.log", env=environment)

    def submit(self, urls: Sequence[str]) -> None:
        """Queue the URLs."""
        for at in range(0, len(urls), SUBMIT_BATCH):
            batch = urls[at : at + SUBMIT_BATCH]
            self.frontier.submit(Submission(article_id(url), url, host_of(url)) for url in batch)

    @property
    def settled(self) -> int:
        """How many URLs have their outcome."""
        return self.frontier.snapshot().settled


def addresses(port: int, pages: range, folder: str = "") -> list[str]:
    """Return URLs of these pages, the served ones over and over; with a `folder`, other URLs of the same."""
    place = f"{folder}/" if folder else ""
    return [f"http://site-{n % HOSTS}.test:{port}/{place}{n}.html" for n in pages]


def until(count: Callable[[], int], enough: int) -> int:
    """Return `count()` once it is at least `enough`; SystemExit after ten minutes."""
    deadline = time.monotonic() + PATIENCE
    while (now := count()) < enough:
        if time.monotonic() > deadline:
            raise SystemExit(f"stuck at {now} of {enough}")
        time.sleep(0.03)  # often enough for phases of seconds, seldom enough not to load Redis itself
    return now


def settings_for(redis_url: str, folder: Path, port: int, **more: Any) -> Settings:
    """Return the settings of the processes: hosts without a budget, and all pages in flight at once."""
    common: dict[str, Any] = {
        "redis_url": SecretStr(redis_url),
        "database_url": SecretStr(f"sqlite:///{folder}/newsmill.db"),
        "allow_networks": (ip_network("127.0.0.0/8"),),
        "allow_ports": (port,),
        "resolve": {"test": "127.0.0.1"},
        "host_interval": 0,
        "host_concurrency": 1000,
        "max_in_flight": 100_000,
        "enrich_processes": 1,
    }
    return load_settings(**(common | more))


@contextmanager
def serving(pages: Sequence[Page] | Callable[[int], Page]) -> Iterator[int]:
    """Serve the pages as /0.html, /1.html, ... in any folder; yield the port. A process of its own.

    A sequence is served over and over; a function is asked for each page.
    """
    page_at = pages if callable(pages) else lambda number: pages[number % len(pages)]

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def do_GET(self) -> None:
            name = self.path.rpartition("/")[2].removesuffix(".html")
            page = page_at(int(name)) if name.isdigit() else None
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
