"""Whoever takes part: newsmill, its stages alone, the libraries alone, the obvious Celery build, and others' systems."""

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

from benchmarks.bench import obvious
from benchmarks.mill import Mill, Use, addresses, until
from workers.local.redis_server import EmbeddedRedis, free_port
from workers.local.supervisor import Child, running

#: Seconds of quiet after a round, for what processes do once nothing is left to do.
QUIET = 0.3


@dataclass(frozen=True, slots=True)
class Cost:
    """What a round took: seconds of CPU of all processes but Redis, of Redis, and seconds of a clock."""

    pages: int
    cpu: float
    redis: float
    seconds: float

    def __add__(self, other: Self) -> Self:
        """Return what both took."""
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


class Contender(Protocol):
    """Goes through the pages."""

    def run(self, number: int, pages: range) -> Cost:
        """Do these pages, in round `number`."""


class Loop:
    """A process that works through pages when it gets a line, and answers with its seconds of CPU."""

    def __init__(self, stack: ExitStack, log: Path, *command: str) -> None:
        self._log = log
        output = stack.enter_context(log.open("wb"))
        self._process = stack.enter_context(
            subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=output, text=True)
        )

    def run(self, number: int, pages: range) -> Cost:
        """Do the pages; SystemExit if the process has ended."""
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
    """All of newsmill, fetching over HTTP included: scheduler, a fetch worker, an enrich worker of one process."""

    def __init__(self, mill: Mill, port: int, pages: int) -> None:
        self._mill, self._port = mill, port
        self._workers = [
            mill.start("scheduler"),
            mill.start("worker", "fetch"),
            mill.start("worker", "enrich"),
        ]
        self.run(-1, range(pages))  # what is loaded at first use is no page's

    def run(self, number: int, pages: range) -> Cost:
        """Do the pages. Contents are forgotten first: the same pages would be duplicates."""
        forget_contents(self._mill)
        urls = addresses(self._port, pages, f"round{number}")
        done = self._mill.settled

        def work() -> None:
            self._mill.submit(urls)
            until(lambda: self._mill.settled, done + len(urls))

        return _measured(self._workers, self._mill.redis, len(pages), work)


class Obvious:
    """The obvious Celery build (obvious.py) with a Redis of its own."""

    def __init__(self, stack: ExitStack, folder: Path, port: int, pages: int) -> None:
        self._port = port
        folder.mkdir()
        server = EmbeddedRedis(folder, free_port())
        self._redis = stack.enter_context(running(server.child()))
        server.wait(self._redis)
        self._client = Redis.from_url(server.url)
        obvious.app.conf.broker_url = server.url
        worker = Child(
            "obvious",
            [
                sys.executable,
                "-m",
                "celery",
                "-A",
                "benchmarks.bench.obvious",
                "worker",
                "--loglevel=WARNING",
            ],
            log=folder / "worker.log",
            env={"OBVIOUS_REDIS": server.url, "PYTHONPATH": os.pathsep.join(sys.path[:1])},
        )
        self._worker = stack.enter_context(running(worker))
        self.run(-1, range(pages))

    def run(self, number: int, pages: range) -> Cost:
        """Do the pages."""
        self._client.delete("contents", "done")
        urls = addresses(self._port, pages, f"round{number}")

        def work() -> None:
            obvious.submit(urls, self._port)
            until(lambda: int(self._client.get("done") or 0), len(urls))

        return _measured([self._worker], self._redis, len(pages), work)


def forget_contents(mill: Mill) -> None:
    """Delete the claims of contents, and what near copies are found by."""
    prefix, scan = mill.settings.key_prefix, mill.client.scan_iter
    keys = [key for kind in ("content", "near") for key in scan(f"{prefix}{kind}:*", count=10_000)]
    for at in range(0, len(keys), 1000):
        mill.client.unlink(*keys[at : at + 1000])


def _measured(workers: list[Child], redis: Child, pages: int, work: Callable[[], None]) -> Cost:
    before, redis_before = Use.of(*workers), Use.of(redis)
    work()
    ended = time.perf_counter()
    time.sleep(QUIET)
    after, redis_after = Use.of(*workers), Use.of(redis)
    return Cost(pages, after.cpu - before.cpu, redis_after.cpu - redis_before.cpu, ended - before.at)
