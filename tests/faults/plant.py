"""The real thing, small: a Redis with AOF, a database, schedulers and workers as processes, and hands on them."""

import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from ipaddress import ip_network
from pathlib import Path
from typing import Any

from redis.exceptions import RedisError

from tasks.article import Outcome
from tests.faults.database import Database
from workers.embedded import EmbeddedRedis, free_port
from workers.frontier import Frontier, Policy
from workers.processes import Child
from workers.redis_client import RedisClient, connect
from workers.settings import Settings, load_settings

#: Seconds that anything may take before the experiment counts as stuck; a repeat takes 15 to 30 s.
PATIENCE = 60.0
#: Seconds between two looks.
LOOK_EVERY = 0.02

#: Short leases and waits, so that a recovery takes seconds; 40 in flight, so that the faults meet a busy system.
SETTINGS: Mapping[str, Any] = {
    "allow_networks": (ip_network("127.0.0.0/8"),),
    "resolve": {"test": "127.0.0.1"},
    "max_in_flight": 40,
    "lease_seconds": 6,
    "hard_limit": 4,
    "soft_limit": 3,
    "total_timeout": 3,
    "read_timeout": 2,
    "backoff_base": 0.2,
    "backoff_cap": 1,
    "poll_interval": 0.02,
    "host_interval": 0,
    "host_concurrency": 50,
    "fetch_threads": 8,
    "enrich_processes": 2,
    "drain_seconds": 5,
    "log_level": "INFO",
}

#: Keys that stay, and should: what was seen and whose content it is, the counters, robots.txt, Celery's bindings.
_KEPT = ("seen:", "content:", "robots:", "counts", "fence", "celery:_kombu.", "celery:unacked_mutex")


@dataclass(frozen=True, slots=True)
class Layout:
    """How many processes of each kind."""

    scheduler: int = 1
    fetch: int = 1
    enrich: int = 1


@dataclass
class Plant:
    """The running processes of one repeat. Names are `scheduler-1`, `fetch-1`, `enrich-1`, ..."""

    folder: Path
    settings: Settings
    server: EmbeddedRedis
    database: Database
    recovery: bool
    processes: dict[str, Child] = field(default_factory=dict)
    #: The articles that were in flight at the last fault (raw ids), and when that was.
    met: list[bytes] = field(default_factory=list)
    met_at: float = 0.0

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
        module = "workers.cli" if self.recovery else "tests.faults.without_recovery"
        kinds = {"scheduler": layout.scheduler, "fetch": layout.fetch, "enrich": layout.enrich}
        for kind, count in kinds.items():
            role = [kind] if kind == "scheduler" else ["worker", kind]
            for number in range(1, count + 1):
                name = f"{kind}-{number}"
                command = [sys.executable, "-m", module, *role]
                log = self.folder / f"{name}.log"
                self.processes[name] = Child(name, command, log, env=self.settings.environment())
                self.processes[name].start()

    def named(self, kind: str) -> list[Child]:
        """Return the processes of a kind."""
        return [child for name, child in self.processes.items() if name.startswith(kind)]

    def keep(self) -> None:
        """Start again what has ended by itself, as any supervisor would."""
        for child in self.processes.values():
            if child.process is not None and child.process.poll() is not None:
                child.start()

    def wait_until(self, so: Callable[[], bool]) -> bool:
        """Keep everything running until something is so; False if it is not in PATIENCE."""
        deadline = time.monotonic() + PATIENCE
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

    def meet(self) -> bool:
        """Note what is in flight, just before a fault; False where that is nothing."""
        self.met = [bytes.fromhex(one.article.id) for one in self.frontier.leased()]
        self.met_at = time.monotonic()
        return bool(self.met)

    def recovered(self) -> bool:
        """Return whether all that the last fault met is settled."""
        return not self.met or not any(self.redis.hmget(self._key("flight"), self.met))

    def quiet(self) -> bool:
        """Return whether nothing is left that could still move.

        With recovery off, leases that ran out stay: no worker has them any more, since every limit of a task is
        shorter than the lease.
        """
        now = self.frontier.snapshot()
        if now.waiting or now.deferred or self._in_queues():
            return False
        if self.recovery:
            return not now.in_flight and not self.redis.exists(self._key("celery:unacked"))
        return not self.redis.zcount(self._key("leases"), now.now, "+inf")

    def drain(self) -> None:
        """End all schedulers and workers in peace, so that nobody writes any more."""
        for child in self.processes.values():
            child.terminate()
        for child in self.processes.values():
            child.wait(self.settings.drain_seconds + 10)

    def end(self) -> None:
        """End everything, whatever state it is in."""
        for child in [*self.processes.values(), self.redis_child]:
            if child.process is not None and child.process.poll() is None:
                for pid in (child.process.pid, *children_of(child)):
                    send(pid, signal.SIGKILL)
                child.process.wait()
        self.redis.close()

    def owners(self) -> dict[str, str]:
        """Return the content index: content id -> id of its owner."""
        prefix = self._key("content:").encode()
        found: dict[str, str] = {}
        for key in self.redis.scan_iter(match=prefix + b"*", count=1000):
            bucket = key.removeprefix(prefix)
            found |= {(bucket + rest).hex(): owner.hex() for rest, owner in self.redis.hgetall(key).items()}
        return found

    def left(self) -> list[str]:
        """Return the keys that should be gone."""
        prefix = self.settings.key_prefix.encode()
        kept = tuple(self._key(name).encode() for name in _KEPT)
        return [
            repr(key.removeprefix(prefix))
            for key in self.redis.scan_iter(count=1000)
            if not key.startswith(kept)
        ]

    def _in_queues(self) -> bool:
        return any(self.redis.llen(self._key(f"celery:{queue}")) for queue in ("fetch", "enrich"))

    def _key(self, name: str) -> str:
        return self.settings.key_prefix + name


def children_of(child: Child) -> list[int]:
    """Return the pids of a process's own children."""
    assert child.process is not None
    command = ["pgrep", "-P", str(child.process.pid)]
    found = subprocess.run(command, capture_output=True, text=True, check=False)
    return [int(pid) for pid in found.stdout.split()]


def send(pid: int, sig: signal.Signals) -> None:
    """Send a signal to a process that may have ended."""
    subprocess.run(["kill", f"-{sig.value}", str(pid)], capture_output=True, check=False)


@contextmanager
def running(
    folder: Path, database: Database, port: int, changes: Mapping[str, Any], *, recovery: bool
) -> Iterator[Plant]:
    """Yield a plant whose Redis runs; the site is on `port`."""
    server = EmbeddedRedis(folder / "redis", free_port())
    given = {"redis_url": server.url, "database_url": database.url, "allow_ports": (port,)}
    settings = load_settings(_env_file=None, **{**SETTINGS, **given, **changes})
    plant = Plant(folder, settings, server, database, recovery)
    try:
        plant.redis_child.start()
        server.wait(plant.redis_child)
        yield plant
    finally:
        plant.end()
