"""The real thing, small: a Redis with AOF, a database, schedulers and workers as processes, and hands on them."""

import os
import signal
import socket
import subprocess
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import cached_property
from ipaddress import ip_network
from pathlib import Path
from random import SystemRandom
from types import MappingProxyType
from typing import Any
from urllib.request import urlopen

from prometheus_client.parser import text_string_to_metric_families
from redis.exceptions import RedisError
from sqlalchemy import select

from tasks.article import Outcome
from tests.faults import proxy
from tests.faults.clock import ahead
from tests.faults.database import Database
from tests.faults.harm import expose
from tests.faults.nursery import Forked, command
from workers.ledger.entries import Lease, Policy
from workers.ledger.frontier import Frontier
from workers.ledger.redis_client import RedisClient, connect
from workers.local.redis_server import EmbeddedRedis
from workers.local.supervisor import Child
from workers.settings import Settings, load_settings
from workers.store.schema import articles

#: Seconds that anything may take before the experiment counts as stuck; a repeat takes 10 to 40 s.
PATIENCE = 120.0
#: Starts of a process after which it is not started again.
HOPELESS = 30
#: Seconds between two looks.
LOOK_EVERY = 0.02
#: Ports below those that the system gives to outgoing connections (32768 on Linux): while a server is down, none of
#: the connections that look for it can take its port, or find itself there.
_PORTS = range(20_000, 32_000)

#: Short leases and waits, so that a recovery takes seconds; 40 in flight, so that the faults meet a busy system.
SETTINGS: Mapping[str, Any] = MappingProxyType(
    {
        "allow_networks": (ip_network("127.0.0.0/8"),),
        "resolve": {"test": "127.0.0.1"},
        "max_in_flight": 40,
        "lease_seconds": 8,
        "hard_limit": 6,
        "soft_limit": 5,
        "total_timeout": 3,
        "read_timeout": 2,
        "backoff_base": 0.2,
        "backoff_cap": 1,
        "poll_interval": 0.02,
        "host_interval": 0,
        "host_concurrency": 50,
        "fetch_threads": 8,
        "enrich_processes": 2,
        "drain_seconds": 8,
        "log_level": "INFO",
    }
)

#: Keys that stay, and should: what was seen and whose content it is or nearly, the counters, robots.txt, Celery's bindings.
_KEPT = (
    "seen:",
    "content:",
    "near:",
    "robots:",
    "counts",
    "fence",
    "pulse",
    "celery:_kombu.",
    "celery:unacked_mutex",
)


@dataclass(frozen=True, slots=True)
class Layout:
    """How many processes of each kind, and what is odd about the last of a kind."""

    scheduler: int = 1
    fetch: int = 1
    enrich: int = 1
    #: Kinds whose last process reaches Redis through a proxy (proxy.py).
    behind_proxy: tuple[str, ...] = ()
    #: Kinds whose last process has a clock that is wrong (clock.py).
    ahead: tuple[str, ...] = ()


@dataclass
class Plant:
    """The running processes of one repeat. Names are `scheduler-1`, `fetch-1`, `enrich-1`, ..."""

    folder: Path
    settings: Settings
    server: EmbeddedRedis
    database: Database
    recovery: bool
    processes: dict[str, Forked] = field(default_factory=dict)
    #: What is between some processes and Redis.
    proxy: Forked | None = None
    ports: dict[str, int] = field(default_factory=dict)
    #: What was in flight at the last fault, by raw id, and when that was.
    met: dict[bytes, Lease] = field(default_factory=dict)
    met_at: float = 0.0
    #: What went wrong with a fault itself, in words.
    troubles: list[str] = field(default_factory=list)

    @cached_property
    def redis(self) -> RedisClient:
        """A connection that says at once when Redis is away."""
        return connect(self.settings)

    @cached_property
    def frontier(self) -> Frontier:
        """The frontier."""
        return Frontier(self.redis, self.settings.key_prefix, Policy.of(self.settings))

    @cached_property
    def redis_child(self) -> Child:
        """The redis-server."""
        return self.server.child()

    def start(self, layout: Layout) -> None:
        """Start schedulers and workers."""
        for kind, count in (
            ("scheduler", layout.scheduler),
            ("fetch", layout.fetch),
            ("enrich", layout.enrich),
        ):
            for number in range(1, count + 1):
                last = number == count
                self._start(
                    kind,
                    number,
                    behind=last and kind in layout.behind_proxy,
                    odd=last and kind in layout.ahead,
                )

    def _start(self, kind: str, number: int, *, behind: bool, odd: bool) -> None:
        name = f"{kind}-{number}"
        self.ports[name] = a_port()
        env = {**self.settings.environment(), "NEWSMILL_METRICS_PORT": str(self.ports[name])}
        if behind:
            self.proxy, env["NEWSMILL_REDIS_URL"] = proxy.start(self.server.port, a_port(), self.folder)
        role = (kind,) if kind == "scheduler" else ("worker", kind)
        main = self._main(role)
        if odd:
            main = ahead(self.folder, role)
        self.processes[name] = Forked(name, main, self.folder / f"{name}.log", env)
        self.processes[name].start()

    def _main(self, role: tuple[str, ...]) -> Callable[[], object]:
        if not self.recovery:
            from tests.faults.without_recovery import run  # noqa: PLC0415 - needs what the nursery loads

            return lambda: run(role)

        def main() -> None:
            expose()
            command(*role)()

        return main

    def named(self, kind: str) -> list[Forked]:
        """Return the processes of a kind."""
        return [process for name, process in self.processes.items() if name.startswith(kind)]

    def keep(self) -> None:
        """Start again what has ended by itself, as any supervisor would."""
        for process in self.processes.values():
            if process.ended():
                if process.starts > HOPELESS:
                    raise RuntimeError(
                        f"{process.name} ends again and again: {process.log.read_text()[-2000:]}"
                    )
                process.start()

    def wait_until(self, so: Callable[[], bool], patience: float = PATIENCE) -> bool:
        """Keep everything running until something is so; False if it is not in time."""
        deadline = time.monotonic() + patience
        while time.monotonic() < deadline:
            self.keep()
            try:
                if so():
                    return True
            except RedisError:
                pass  # it is being started again
            time.sleep(LOOK_EVERY)
        return False

    def enriched(self) -> int:
        """Return how many articles have gone all the way."""
        return self.frontier.snapshot().outcomes[Outcome.ENRICHED]

    def newest_token(self) -> int:
        """Return the token of the lease that was given last."""
        return int(self.redis.get(self.key("fence")) or 0)

    def enriched_since(self, token: int) -> bool:
        """Return whether an article that was leased after this token has gone all the way."""
        newer = select(articles.c.id).where(articles.c.outcome == Outcome.ENRICHED, articles.c.token > token)
        with self.database.store.engine.connect() as connection:
            return connection.execute(newer.limit(1)).first() is not None

    def meet(self) -> bool:
        """Note what is in flight, just before a fault; False where that is nothing."""
        self.met = {bytes.fromhex(one.article.id): one for one in self.frontier.leased()}
        self.met_at = time.monotonic()
        return bool(self.met)

    def settled(self) -> bool:
        """Return whether all that the last fault met is settled."""
        return not self.met or not any(self.redis.hmget(self.key("flight"), list(self.met)))

    def started_again(self) -> bool:
        """Return whether something that the last fault met has begun another attempt, or all of it is settled."""
        now = self._met_now()
        return not now or any(
            lease.entry.attempts > max(self.met[one].entry.attempts, 1) for one, lease in now.items()
        )

    def moved_on(self, *tasks: str) -> bool:
        """Return whether all that the last fault met in these tasks is in other hands, or done."""
        now = self._met_now()
        held = {one: lease for one, lease in self.met.items() if lease.entry.task in tasks}
        return not any(one in now and _same_hands(lease, now[one]) for one, lease in held.items())

    def _met_now(self) -> dict[bytes, Lease]:
        return {
            raw: one for one in self.frontier.leased() if (raw := bytes.fromhex(one.article.id)) in self.met
        }

    def quiet(self) -> bool:
        """Return whether nothing is left that could still move.

        With recovery off, leases that ran out stay: no worker has them any more, since every limit of a task is
        shorter than the lease.
        """
        now = self.frontier.snapshot()
        if now.waiting or now.deferred or self._in_queues():
            return False
        if self.recovery:
            return not now.in_flight and not self.redis.exists(self.key("celery:unacked"))
        return not self.redis.zcount(self.key("leases"), now.now, "+inf")

    def exported(self) -> Mapping[str, int]:
        """Return the ledger's counters as a scheduler gives them to Prometheus."""
        found: Mapping[str, int] = {}

        def told() -> bool:
            nonlocal found
            found = scrape(self.ports["scheduler-1"], "newsmill_settled")
            return bool(found)

        self.wait_until(told)
        return found

    def counted(self) -> Mapping[str, int]:
        """Return what all processes have counted, by outcome."""
        counts = (Counter(scrape(port, "newsmill_articles_total")) for port in self.ports.values())
        return sum(counts, Counter())

    def drain(self) -> None:
        """End all schedulers and workers in peace, so that nobody writes any more."""
        for process in self.processes.values():
            process.send(signal.SIGTERM)
        for process in self.processes.values():
            process.wait(self.settings.drain_seconds + 10)

    def end(self) -> None:
        """End everything, whatever state it is in."""
        for process in [*self.processes.values(), *([self.proxy] if self.proxy else [])]:
            if not process.ended():
                for pid in (process.pid, *children_of(process)):
                    send(pid, signal.SIGKILL)
                process.wait(10)
        if self.redis_child.process is not None and self.redis_child.process.poll() is None:
            self.redis_child.process.kill()
            self.redis_child.process.wait()
        self.redis.close()

    def owners(self) -> dict[str, str]:
        """Return the content index: content id -> id of its owner, which each value begins with."""
        prefix = self.key("content:").encode()
        found: dict[str, str] = {}
        for key in self.redis.scan_iter(match=prefix + b"*", count=1000):
            bucket = key.removeprefix(prefix)
            found |= {
                (bucket + rest).hex(): owner[:16].hex() for rest, owner in self.redis.hgetall(key).items()
            }
        return found

    def left(self) -> list[str]:
        """Return the keys that should be gone."""
        prefix = self.settings.key_prefix.encode()
        kept = tuple(self.key(name).encode() for name in _KEPT)
        return [
            repr(key.removeprefix(prefix))
            for key in self.redis.scan_iter(count=1000)
            if not key.startswith(kept)
        ]

    def key(self, name: str) -> str:
        """Return a key with its prefix."""
        return self.settings.key_prefix + name

    def _in_queues(self) -> bool:
        return any(self.redis.llen(self.key(f"celery:{queue}")) for queue in ("fetch", "enrich"))


def _same_hands(then: Lease, now: Lease) -> bool:
    """Return whether nothing has happened to an article: no new lease, attempt or task."""
    before, after = then.record, now.record
    return (before.token, before.attempts, before.task) == (after.token, after.attempts, after.task)


def scrape(port: int, metric: str) -> dict[str, int]:
    """Return a metric's samples by outcome; none where nobody answers."""
    try:
        with urlopen(f"http://127.0.0.1:{port}/metrics", timeout=5) as answer:
            text = answer.read().decode()
    except OSError:
        return {}
    found: Counter[str] = Counter()
    for family in text_string_to_metric_families(text):
        for sample in family.samples:
            if sample.name == metric:
                found[sample.labels["outcome"]] += int(sample.value)
    return dict(found)


def a_port() -> int:
    """Return a loopback port that nobody listens on, of those that no outgoing connection gets."""
    while True:
        port = SystemRandom().choice(_PORTS)
        with socket.socket() as listener:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                listener.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port


def children_of(process: Forked) -> list[int]:
    """Return the pids of a process's own children."""
    found = subprocess.run(["pgrep", "-P", str(process.pid)], capture_output=True, text=True, check=False)
    return [int(pid) for pid in found.stdout.split()]


def send(pid: int, sig: signal.Signals) -> None:
    """Send a signal to a process that may have ended."""
    with suppress(ProcessLookupError):
        os.kill(pid, sig)


@contextmanager
def running(
    folder: Path, database: Database, port: int, changes: Mapping[str, Any], *, recovery: bool
) -> Iterator[Plant]:
    """Yield a plant whose Redis runs; the site is on `port`."""
    server = EmbeddedRedis(folder / "redis", a_port())
    given = {"redis_url": server.url, "database_url": database.url, "allow_ports": (port,)}
    settings = load_settings(_env_file=None, **{**SETTINGS, **given, **changes})
    plant = Plant(folder, settings, server, database, recovery)
    try:
        plant.redis_child.start()
        server.wait(plant.redis_child)
        yield plant
    finally:
        plant.end()
