"""`newsmill run`: the whole system on this machine, from an empty folder to enriched rows.

It has the same processes, queues and ledger as a cluster: a Redis with an append-only file, the scheduler, and a worker for
each queue, under a supervisor. If anything is killed, the next run continues.
"""

import signal
import sys
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cached_property
from typing import Any

from pydantic import SecretStr
from redis.exceptions import RedisError
from rich.console import Console
from rich.text import Text
from sqlalchemy.exc import DBAPIError

from monitoring.aggregate import aggregate_registry
from monitoring.exporter import serve
from seeds.demo import demo_urls
from workers.delivery.http_client import NO_CONTACT
from workers.delivery.queues import stages_by_queue
from workers.errors import UserError
from workers.inspect.dead_letters import failed_by_reason, replay
from workers.ledger.entries import Policy, Priority, Snapshot
from workers.ledger.frontier import Frontier
from workers.ledger.pair import pair
from workers.ledger.redis_client import RedisClient, connect
from workers.ledger.submit import Submitted
from workers.local.demo import DEMO, require_free
from workers.local.folder import DataFolder, command_line, shown
from workers.local.leftovers import put_back_leases
from workers.local.progress import Progress, show_refusal, submitting
from workers.local.redis_server import EmbeddedRedis, free_port, rewrite_file
from workers.local.report import print_report
from workers.local.supervisor import Child, Supervisor, end_leftovers
from workers.settings import Settings, load_settings, masked, sqlite_in
from workers.sources.arguments import open_sources
from workers.sources.polling import Polling
from workers.sources.source import Source
from workers.sources.submit import submit_sources
from workers.store.engine import sqlite_file
from workers.store.filters import Filter
from workers.store.migrations import StoreError
from workers.store.store import Store, open_store, open_to_read

#: Seconds between two checks of the processes and the counts.
LOOK_EVERY = 0.2

#: Reasons of failures for which the report says how to retry them.
_REASONS = 3

#: Seconds that running tasks have to end after Ctrl-C; the articles of the others are processed by the next run.
PATIENCE = 4.0


@dataclass(frozen=True)
class LocalRun:
    """One `newsmill run`. `sources` as for `newsmill submit`; with `demo` the demo's URLs instead.

    With `retry` the failed articles that match it are submitted again.
    """

    settings: Settings
    sources: Sequence[str]
    console: Console
    demo: bool = False
    again: bool = False
    priority: Priority = Priority.NORMAL
    #: Whether the run's Redis belongs to its database from now on, if it was another one's.
    take_over: bool = False
    retry: Filter | None = None

    def run(self) -> int:
        """Submit, run until every URL has an outcome, and print a report.

        Returns 0 if every URL has an outcome, 1 if the run was stopped before. Raises UserError, OSError, SettingsError and
        RedisError.
        """
        if not (self._sources or self.folder.is_used):
            raise UserError(
                f"There is no earlier run in {self.folder.shown}. Name URLs, lists or documents, or use --demo."
            )
        with self.folder.use(as_run=True), _sigterm_is_ctrl_c():
            end_leftovers(self.folder.pids, str(self.folder.path))
            self._make_room()
            supervisor = Supervisor(self.folder.pids)
            try:
                return self._run(supervisor)
            except KeyboardInterrupt:
                self.console.print("Stopped. The next run continues.")
                return 1
            finally:
                self.folder.redis_url.unlink(missing_ok=True)
                supervisor.stop(self.local.drain_seconds + 2)
                self._close_database()

    @cached_property
    def folder(self) -> DataFolder:
        """The run's folder. The demo does not mix with articles of the user's own."""
        folder = DataFolder.of(self.settings)
        return folder.for_demo() if self.demo else folder

    @cached_property
    def is_demo(self) -> bool:
        """Whether this run is the demo, or continues it: there the demo's settings hold."""
        return self.demo or (not self.sources and self.folder.is_demo)

    @cached_property
    def redis(self) -> EmbeddedRedis:
        """The run's Redis, on a port of its own."""
        return EmbeddedRedis(self.folder.redis, free_port())

    @cached_property
    def local(self) -> Settings:
        """The settings of the run's processes."""
        changes: dict[str, Any] = {
            "redis_url": SecretStr(self.redis.url),
            "drain_seconds": min(self.settings.drain_seconds, PATIENCE),
        }
        if self._has_own_database:
            changes["database_url"] = sqlite_in(self.folder.path)
        if self.is_demo:
            ports = (*self.settings.allow_ports, self.settings.demo_port)
            changes |= {**DEMO, "allow_ports": ports}
        return load_settings(**{**self.settings.model_dump(), **changes})

    def _make_room(self) -> None:
        """Give the demo and articles of the user's own a folder each."""
        if self.demo and DataFolder.of(self.settings).for_demo() != self.folder:
            raise UserError(f"Another command has just used {self.folder.shown}. Try again.")
        if self.is_demo:
            self.folder.mark_as_demo()
        elif (moved := self.folder.move_demo()) is not None:
            self.console.print(f"Moved the demo to {shown(moved)}.", markup=False, soft_wrap=True)

    def _close_database(self) -> None:
        """Leave one file. Workers end without closing theirs, so what they wrote is in a second file, the WAL.

        The last connection to close moves that into the first.
        """
        with suppress(StoreError, DBAPIError), open_to_read(self.local.database_url.get_secret_value()):
            pass

    def _run(self, supervisor: Supervisor) -> int:
        server = self.redis.child()
        supervisor.start(server, lambda: self.redis.wait(server))
        self.folder.redis_url.write_text(self.redis.url, "utf-8")
        client = connect(self.local)
        frontier = Frontier(client, self.local.key_prefix, Policy.of(self.local))
        frontier.check_version()
        put_back_leases(self.local, client)
        database_url = self.local.database_url.get_secret_value()
        with open_store(database_url) as store:
            self._pair(client, store)
            if self.is_demo:
                self._serve_demo(supervisor)
            submitted = self._submit(frontier, store, self._sources) + self._retry(frontier, store)
            now = frontier.snapshot()
            if now.unsettled or self._polled:
                self._print("Live status", "status", "--watch")
                self._start_processes(supervisor)
                now = self._work(frontier, store, supervisor, server)
            print_report(self.console, store, now, submitted)
            self._print_places(store, database_url)
        with suppress(RedisError):  # it is not worth a failed run; the next one does it
            # Each page that passed through Redis is still in its file: 22 KB an article of the demo, of which 1 is left.
            rewrite_file(client)
        return 0 if now.unsettled == 0 else 1

    def _pair(self, client: RedisClient, store: Store) -> None:
        found = pair(client, self.local, store, take_over=self.take_over, folder=self.folder.redis)
        if found.note:
            self.console.print(found.note, style="yellow", markup=False, highlight=False, soft_wrap=True)

    @cached_property
    def _sources(self) -> list[Source]:
        """The sources to submit."""
        return open_sources(demo_urls(self.settings.demo_port) if self.demo else self.sources)

    @property
    def _polled(self) -> list[Source]:
        """The sources that are read repeatedly. With one of these the run continues until it is stopped."""
        return [source for source in self._sources if source.poll_seconds is not None]

    @cached_property
    def _commands(self) -> dict[str, tuple[str, ...]]:
        """The command of each process besides Redis, by the process's name: a worker for every queue."""
        return {
            "scheduler": ("scheduler",),
            **{queue: ("worker", queue) for queue in stages_by_queue(self.local)},
        }

    def _start_processes(self, supervisor: Supervisor) -> None:
        """Start scheduler and workers, each with a port for its metrics, and serve the sum of these on another port."""
        if not (self.is_demo or self.local.contact):
            self.console.print(f"[yellow]{NO_CONTACT}", soft_wrap=True)
        if self.settings.has_redis:
            self.console.print(
                "[yellow]`newsmill run` has its own Redis: NEWSMILL_REDIS_URL is not used. Unset it before `status` or `why`.",
                soft_wrap=True,
            )
        if self.is_demo and self.settings.has_database:
            self.console.print("[yellow]The demo has its own database: NEWSMILL_DATABASE_URL is not used.")
        ports = {name: free_port() for name in self._commands}
        self._serve_metrics(ports.values())
        for name, arguments in self._commands.items():
            watching = {
                "NEWSMILL_METRICS_PORT": str(ports[name]),
                "NEWSMILL_METRICS_ADDRESS": "127.0.0.1",
            }
            supervisor.start(self._process(name, "workers.cli", *arguments, env=watching))

    def _serve_metrics(self, ports: Iterable[int]) -> None:
        asked, address = self.settings.metrics_port or 0, self.settings.metrics_address
        try:
            port = serve(asked, address, aggregate_registry(ports))
        except OSError as error:
            raise UserError(
                f"Cannot serve metrics on {address}:{asked}: {error.strerror}. "
                "Set NEWSMILL_METRICS_PORT to a free port."
            ) from None
        self.console.print(f"[dim]Metrics: http://{address}:{port}/metrics", soft_wrap=True)

    def _print_places(self, store: Store, database_url: str) -> None:
        """Print where the rows and the logs are, and what to do next."""
        rows = sqlite_file(database_url) or masked(database_url)
        self.console.print(f"Rows: {rows}   Logs: {self.folder.logs}", markup=False, soft_wrap=True)
        failed = failed_by_reason(store)
        for reason, count in failed[:_REASONS]:
            self._print(f"{count:,} {reason}", "run", "--retry-failed", "--reason", reason)
        if len(failed) > 1:
            self._print(f"All {sum(count for _, count in failed):,} failed", "run", "--retry-failed")
        self._print("Export", "export", "--output", "articles.csv")

    def _print(self, what: str, *words: str) -> None:
        """Print a command to copy."""
        line = Text(f"{what}: ").append(command_line(self.folder, *words), "bold")
        self.console.print(line, soft_wrap=True)

    @property
    def _has_own_database(self) -> bool:
        """Whether the rows are in the folder, and not in the database of NEWSMILL_DATABASE_URL."""
        return self.is_demo or not self.settings.has_database

    def _submit(
        self, frontier: Frontier, store: Store, sources: Sequence[Source], *, again: bool | None = None
    ) -> Submitted:
        again = self.again if again is None else again
        with submitting(self.console, sources) as progress:
            return submit_sources(
                frontier,
                store,
                sources,
                refuse=show_refusal(self.console),
                again=again,
                priority=self.priority,
                progress=progress,
            )

    def _retry(self, frontier: Frontier, store: Store) -> Submitted:
        """Submit the articles again that had failed before this run began."""
        if self.retry is None:
            return Submitted()
        return replay(frontier, store, replace(self.retry, until=self._began), None)

    @cached_property
    def _began(self) -> datetime:
        return datetime.now(UTC)

    def _work(self, frontier: Frontier, store: Store, supervisor: Supervisor, server: Child) -> Snapshot:
        """Supervise the processes and show progress until every URL has an outcome."""
        now = frontier.snapshot()
        restarts = 0
        polling = Polling(self._polled)
        with Progress(self.console) as progress:
            while now.unsettled or self._polled:
                progress.show(now)
                time.sleep(LOOK_EVERY)
                supervisor.keep()
                try:
                    if server.restarts > restarts:
                        # A Redis that was killed may have lost the submissions of its last second.
                        self._submit(frontier, store, self._sources, again=False)
                        self._retry(frontier, store)
                        restarts = server.restarts
                    self._poll(frontier, store, polling.due())
                    now = frontier.snapshot()
                except RedisError:
                    continue  # Redis is being restarted
            progress.show(now)
        return now

    def _poll(self, frontier: Frontier, store: Store, due: Sequence[Source]) -> None:
        """Submit what the sources have got since; one that cannot be read now is read again when it is due."""
        for source in due:
            try:
                self._submit(frontier, store, [source], again=False)
            except (UserError, OSError) as error:
                self.console.print(f"{source.name}: {error}", markup=False, soft_wrap=True)

    def _serve_demo(self, supervisor: Supervisor) -> None:
        port = self.settings.demo_port
        require_free(port)
        supervisor.start(self._process("demo", "seeds.demo", "serve", "--port", str(port)))

    def _process(
        self, name: str, module: str, *arguments: str, env: Mapping[str, str] | None = None
    ) -> Child:
        # -P: do not import a tasks.py or workers.py from the working folder.
        command = [sys.executable, "-P", "-m", module, *arguments]
        variables = {**self.local.environment(), **(env or {})}
        return Child(name, command, self.folder.logs / f"{name}.log", env=variables)


@contextmanager
def _sigterm_is_ctrl_c() -> Iterator[None]:
    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
