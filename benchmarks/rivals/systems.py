"""The systems that are compared: newsmill, a plain Celery build, and processes that loop over pages."""

import os
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, Self

from redis import Redis

from benchmarks.rivals import plain_celery
from benchmarks.system.page_server import page_urls
from benchmarks.system.process_usage import Usage
from benchmarks.system.running_system import RunningSystem, wait_for
from workers.local.redis_server import EmbeddedRedis, free_port
from workers.local.supervisor import Child, running

#: Seconds to wait after a round, for the CPU that processes still use once all pages are done.
IDLE = 0.3


@dataclass(frozen=True, slots=True)
class Cost:
    """What a round took: seconds of CPU of all processes but Redis, seconds of CPU of Redis, and seconds passed."""

    pages: int
    cpu: float
    redis: float
    seconds: float

    def __add__(self, other: Self) -> Self:
        """Return the cost of both."""
        return type(self)(
            self.pages + other.pages,
            self.cpu + other.cpu,
            self.redis + other.redis,
            self.seconds + other.seconds,
        )

    @property
    def ms(self) -> float:
        """Milliseconds of CPU a page, without Redis."""
        return self.cpu * 1000 / self.pages

    @property
    def redis_ms(self) -> float:
        """Milliseconds of Redis's CPU a page."""
        return self.redis * 1000 / self.pages


class System(Protocol):
    """Software that processes pages."""

    def run(self, number: int, pages: range) -> Cost:
        """Process these pages in round `number`."""


class PageLoop:
    """A process that processes pages when it is told to, and answers with its seconds of CPU (page_loop.py)."""

    def __init__(self, stack: ExitStack, log: Path, *command: str) -> None:
        self._log = log
        output = stack.enter_context(log.open("wb"))
        self._process = stack.enter_context(
            subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=output, text=True)
        )

    def run(self, number: int, pages: range) -> Cost:
        """Process the pages; SystemExit if the process has ended."""
        assert self._process.stdin
        assert self._process.stdout
        began = time.perf_counter()
        with suppress(BrokenPipeError):
            self._process.stdin.write(f"{number} {pages.start} {pages.stop}\n")
            self._process.stdin.flush()
        if not (answer := self._process.stdout.readline()):
            raise SystemExit(f"{self._process.args} ended:\n{self._log.read_text()[-2000:]}")
        return Cost(len(pages), float(answer), 0, time.perf_counter() - began)


class Newsmill:
    """All of newsmill, fetching over HTTP included: a scheduler, a fetch worker, an enrich worker with one process."""

    def __init__(self, system: RunningSystem, port: int, pages: int) -> None:
        self._system, self._port = system, port
        self._workers = system.start_all()
        self.run(-1, range(pages))  # what is loaded at first use is no cost of a page

    def run(self, number: int, pages: range) -> Cost:
        """Process the pages. The content index is emptied first: the same pages would be duplicates."""
        self._system.forget_contents()
        urls = page_urls(self._port, pages, f"round{number}")
        done = self._system.settled

        def work() -> None:
            self._system.submit(urls)
            wait_for(lambda: self._system.settled, done + len(urls))

        return _measured(self._workers, self._system.redis, len(pages), work)


class PlainCelery:
    """The plain Celery build (plain_celery.py) with a Redis of its own."""

    def __init__(self, stack: ExitStack, folder: Path, port: int, pages: int) -> None:
        self._port = port
        folder.mkdir()
        server = EmbeddedRedis(folder, free_port())
        self._redis = stack.enter_context(running(server.child()))
        server.wait(self._redis)
        self._client = Redis.from_url(server.url)
        plain_celery.app.conf.broker_url = server.url
        worker = Child(
            "plain_celery",
            [sys.executable, "-m", "celery", "-A", plain_celery.__name__, "worker", "--loglevel=WARNING"],
            log=folder / "worker.log",
            env={"PLAIN_CELERY_REDIS": server.url, "PYTHONPATH": os.pathsep.join(sys.path[:1])},
        )
        self._worker = stack.enter_context(running(worker))
        self.run(-1, range(pages))

    def run(self, number: int, pages: range) -> Cost:
        """Process the pages."""
        self._client.delete("contents", "done")
        urls = page_urls(self._port, pages, f"round{number}")

        def work() -> None:
            plain_celery.submit(urls, self._port)
            wait_for(lambda: int(self._client.get("done") or 0), len(urls))

        return _measured([self._worker], self._redis, len(pages), work)


def _measured(workers: list[Child], redis: Child, pages: int, work: Callable[[], None]) -> Cost:
    before, redis_before = Usage.of(*workers), Usage.of(redis)
    work()
    ended = time.perf_counter()
    time.sleep(IDLE)
    after, redis_after = Usage.of(*workers), Usage.of(redis)
    return Cost(pages, after.cpu - before.cpu, redis_after.cpu - redis_before.cpu, ended - before.at)
