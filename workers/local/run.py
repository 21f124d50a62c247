"""`newsmill run`: everything on this machine, from an empty folder to enriched rows.

The same processes, queues and ledger as in production: a Redis with an append-only file, the scheduler, one
fetch worker (threads) and one enrich worker (prefork), supervised. Whatever is killed, the next run goes on.
"""

import fcntl
import signal
import socket
import sys
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cached_property
from ipaddress import ip_network
from pathlib import Path
from typing import Any

from pydantic import SecretStr
from redis.exceptions import RedisError
from rich.console import Console

from monitoring.exporter import serve
from monitoring.front import front_registry
from seeds.demo import demo_urls
from workers.local.redis_server import EmbeddedError, EmbeddedRedis, free_port
from workers.ledger.entries import Deferral, Policy, Priority, Snapshot
from workers.ledger.frontier import Frontier
from workers.sources.submit import submit_sources
from workers.local.supervisor import Child, Supervisor, end_leftovers
from workers.ledger.submit import Submitted
from workers.ledger.redis_client import RedisClient, connect
from workers.local.progress import Progress, command, print_report
from workers.settings import Settings, load_settings
from workers.store.store import Store, open_store
from workers.delivery.http_client import NO_CONTACT

#: Seconds between two looks at the processes and the counts.
LOOK_EVERY = 0.2

#: Seconds that running tasks get when a person presses Ctrl-C; what they held comes back in the next run.
PATIENCE = 4.0

#: What the demo needs other than a real run: its server on loopback, and short waits, for it has pages that fail.
DEMO: dict[str, Any] = {
    "allow_networks": (ip_network("127.0.0.0/8"),),
    "resolve": {"test": "127.0.0.1"},
    "host_interval": 0.05,
    "backoff_base": 0.5,
    "backoff_cap": 2.0,
    "max_deferrals": 3,
    "total_timeout": 4.0,
    "read_timeout": 2.0,
    "soft_limit": 3.0,
    "hard_limit": 6.0,
    "lease_seconds": 15.0,
}

_PROCESSES = {"scheduler": ("scheduler",), "fetch": ("worker", "fetch"), "enrich": ("worker", "enrich")}


@dataclass(frozen=True)
class LocalRun:
    """What one `newsmill run` is to do. `sources` as for `newsmill submit`; the demo's URLs if `demo`."""

    settings: Settings
    sources: Sequence[str]
    console: Console
    demo: bool = False
    again: bool = False
    priority: Priority = Priority.NORMAL

    def run(self) -> int:
        """Submit, work until every URL has its outcome, report.

        Returns 0 if every URL has one, 1 if it was stopped before. Raises EmbeddedError, OSError, SettingsError,
        RedisError with a sentence for the user.
        """
        self.folder.mkdir(parents=True, exist_ok=True)
        with _only_one(self.folder / "run.lock"), _sigterm_is_ctrl_c():
            pid_file = self.folder / "run.pids"
            end_leftovers(pid_file, str(self.folder))
            supervisor = Supervisor(pid_file)
            try:
                return self._run(supervisor)
            except KeyboardInterrupt:
                self.console.print("Stopped. The next run carries on where this one was.")
                return 1
            finally:
                supervisor.stop(self.local.drain_seconds + 2)

    @cached_property
    def folder(self) -> Path:
        """The run's folder: Redis's file, the database and the logs."""
        return (self.settings.data_dir / "demo" if self.demo else self.settings.data_dir).absolute()

    @cached_property
    def redis(self) -> EmbeddedRedis:
        """The run's Redis, on a port of its own."""
        return EmbeddedRedis(self.folder / "redis", free_port())

    @cached_property
    def local(self) -> Settings:
        """The settings of the run's processes."""
        changes: dict[str, Any] = {
            "redis_url": SecretStr(self.redis.url),
            "database_url": SecretStr(f"sqlite:///{self.folder / 'newsmill.db'}"),
            "drain_seconds": min(self.settings.drain_seconds, PATIENCE),
        }
        if self.demo:
            ports = (*self.settings.allow_ports, self.settings.demo_port)
            changes |= {**DEMO, "allow_ports": ports}
        return load_settings(**{**self.settings.model_dump(), **changes})

    def _run(self, supervisor: Supervisor) -> int:
        server = self.redis.child()
        supervisor.start(server, lambda: self.redis.wait(server))
        client = connect(self.local)
        frontier = Frontier(client, self.local.key_prefix, Policy.of(self.local))
        take_over(self.local, client)
        with open_store(self.local.database_url.get_secret_value()) as store:
            if self.demo:
                self._serve_demo(supervisor)
            submitted = self._submit(frontier, store)
            now = frontier.snapshot()
            if now.unsettled:
                self.console.print(f"[dim]Watch it from elsewhere: {self._watch_command()}", soft_wrap=True)
                self._start_processes(supervisor)
                now = self._work(frontier, store, supervisor, server)
            print_report(self.console, store, now, submitted, self.folder)
        return 0 if now.unsettled == 0 else 1

    def _start_processes(self, supervisor: Supervisor) -> None:
        """Start scheduler and workers, each with a port for its metrics, and one that serves their sum."""
        if not (self.demo or self.local.contact):
            self.console.print(f"[yellow]{NO_CONTACT}", soft_wrap=True)
        ports = {name: free_port() for name in _PROCESSES}
        self._serve_metrics(ports.values())
        for name, arguments in _PROCESSES.items():
            watching = {
                "NEWSMILL_METRICS_PORT": str(ports[name]),
                "NEWSMILL_METRICS_ADDRESS": "127.0.0.1",
            }
            supervisor.start(self._process(name, "workers.cli", *arguments, env=watching))

    def _serve_metrics(self, ports: Iterable[int]) -> None:
        asked, address = self.settings.metrics_port or 0, self.settings.metrics_address
        try:
            port = serve(asked, address, front_registry(ports))
        except OSError as error:
            raise EmbeddedError(
                f"no metrics on {address}:{asked}: {error.strerror}. Set NEWSMILL_METRICS_PORT to a free port."
            ) from None
        self.console.print(f"[dim]Metrics: http://{address}:{port}/metrics", soft_wrap=True)

    def _watch_command(self) -> str:
        urls = (self.local.redis_url, self.local.database_url)
        variables = zip(("NEWSMILL_REDIS_URL", "NEWSMILL_DATABASE_URL"), urls, strict=True)
        return (
            " ".join(f"{name}={url.get_secret_value()}" for name, url in variables)
            + f" {command()} status --watch"
        )

    def _submit(self, frontier: Frontier, store: Store, *, again: bool | None = None) -> Submitted:
        sources = demo_urls(self.settings.demo_port) if self.demo else self.sources
        again = self.again if again is None else again
        return submit_sources(frontier, store, sources, again=again, priority=self.priority)

    def _work(self, frontier: Frontier, store: Store, supervisor: Supervisor, server: Child) -> Snapshot:
        """Supervise and show progress until nothing is left."""
        now = frontier.snapshot()
        restarts = 0
        with Progress(self.console) as progress:
            while now.unsettled:
                progress.show(now)
                time.sleep(LOOK_EVERY)
                supervisor.keep()
                try:
                    if server.restarts > restarts:
                        # A Redis that was killed may have lost its last second, and what was submitted in it.
                        self._submit(frontier, store, again=False)
                        restarts = server.restarts
                    now = frontier.snapshot()
                except RedisError:
                    continue  # it is being started again
            progress.show(now)
        return now

    def _serve_demo(self, supervisor: Supervisor) -> None:
        port = self.settings.demo_port
        require_free(port)
        supervisor.start(self._process("demo", "seeds.demo", "serve", "--port", str(port)))

    def _process(
        self, name: str, module: str, *arguments: str, env: Mapping[str, str] | None = None
    ) -> Child:
        command = [sys.executable, "-m", module, *arguments]
        variables = {**self.local.environment(), **(env or {})}
        return Child(name, command, self.folder / "logs" / f"{name}.log", env=variables)


def take_over(settings: Settings, client: RedisClient) -> None:
    """Put back what a run that is no more has left: its leases, at no cost to the articles, and its messages.

    Only for a Redis that no worker uses.
    """
    frontier = Frontier(client, settings.key_prefix, replace(Policy.of(settings), backoff_base=0))
    for lease in frontier.leased():
        stage = lease.entry.stage or "fetch"
        frontier.defer(
            lease.article, Deferral.SYSTEM, stage, reason="interrupted", detail="the run was stopped"
        )
    for key in client.scan_iter(match=settings.key_prefix + "celery:*", count=1000):
        client.delete(key)


def require_free(port: int) -> None:
    """Raise EmbeddedError where something else listens on a loopback port."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            raise EmbeddedError(
                f"port {port} of the demo is in use: free it, or set NEWSMILL_DEMO_PORT"
            ) from None


@contextmanager
def _only_one(lock: Path) -> Iterator[None]:
    """Hold the folder's lock; EmbeddedError where another run has it."""
    with lock.open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise EmbeddedError(
                f"another run works in {lock.parent}: wait for it, or set NEWSMILL_DATA_DIR"
            ) from None
        yield


@contextmanager
def _sigterm_is_ctrl_c() -> Iterator[None]:
    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
