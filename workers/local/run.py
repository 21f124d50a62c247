"""`newsmill run`: the whole system on this machine, from an empty folder to enriched rows.

It has the same processes, queues and ledger as a cluster: a Redis with an append-only file, the scheduler, and a worker for
each queue, under a supervisor. If anything is killed, the next run continues.
"""

import signal
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import Any

from pydantic import SecretStr
from redis.exceptions import RedisError
from sqlalchemy.exc import DBAPIError

from seeds.demo import demo_urls
from workers.delivery.http_client import NO_CONTACT
from workers.errors import INTERRUPTED, NOTHING, TERMINATED, UserError
from workers.inspect.dead_letters import replay
from workers.ledger.entries import Policy, Priority, Snapshot
from workers.ledger.frontier import Frontier
from workers.ledger.known_rows import KnownRows
from workers.ledger.pair import pair
from workers.ledger.redis_client import RedisClient, connect
from workers.ledger.rekey import Rekeying, bring_up_to_date
from workers.ledger.submit import Submitted
from workers.local.demo import DEMO
from workers.local.folder import DataFolder, quoted, write_private
from workers.local.leftovers import put_back_leases
from workers.local.processes import Processes
from workers.local.progress import Progress, submitting
from workers.local.redis_server import EmbeddedRedis, rewrite_file
from workers.local.refusals import reporting, show_on
from workers.local.report import print_command, print_next_steps, print_report, run_record
from workers.local.supervisor import Child, Supervisor, end_leftovers
from workers.local.telling import Telling
from workers.masking import masked
from workers.output.terminal import Terminal
from workers.settings import Settings, load_settings, sqlite_in
from workers.sources.arguments import open_sources
from workers.sources.polling import Polling
from workers.sources.reading import BY_ITSELF, Reading
from workers.sources.report import Report
from workers.sources.source import Source
from workers.sources.submit import submit_sources
from workers.store.filters import Filter
from workers.store.migrations import StoreError
from workers.store.store import Store, open_store, open_to_read

#: Seconds between two checks of the processes and the counts.
LOOK_EVERY = 0.2

#: Seconds that running tasks have to end after Ctrl-C; the articles of the others are processed by the next run.
PATIENCE = 4.0


@dataclass(frozen=True)
class LocalRun:
    """One `newsmill run`. `sources` as for `newsmill submit`; with `demo` the demo's URLs instead.

    With `retry` the failed articles that match it are submitted again.
    """

    settings: Settings
    sources: Sequence[str]
    #: For progress and words; the report goes to `results`, if given.
    console: Terminal
    results: Terminal | None = None
    #: Takes the result as JSON types at the end (workers/local/report.py).
    on_end: Callable[[dict[str, Any]], None] | None = None
    demo: bool = False
    again: bool = False
    priority: Priority = Priority.NORMAL
    #: Whether the run's Redis belongs to its database from now on, if it was another one's.
    take_over: bool = False
    retry: Filter | None = None
    #: How the lists among the sources are read, and the file for what they have that is refused.
    reading: Reading = BY_ITSELF
    refused_to: Path | None = None

    def run(self) -> int:
        """Submit, run until every URL has an outcome, and print a report.

        Returns 0 if every URL has an outcome, NOTHING if nothing of the sources was taken, INTERRUPTED or TERMINATED if the
        run was stopped before. Raises UserError, OSError, SettingsError and RedisError.
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
            except KeyboardInterrupt as stop:
                self.console.print("Stopped. The next run continues.")
                return TERMINATED if isinstance(stop, _Terminated) else INTERRUPTED
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
        """The run's Redis, which nobody else can reach."""
        return EmbeddedRedis.private(self.folder.redis)

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
            self.console.print(f"Moved the demo to {quoted(moved)}.", markup=False, soft_wrap=True)

    def _close_database(self) -> None:
        """Leave one file. Workers end without closing theirs, so what they wrote is in a second file, the WAL.

        The last connection to close moves that into the first.
        """
        with suppress(StoreError, DBAPIError), open_to_read(self.local.database_url.get_secret_value()):
            pass

    def _run(self, supervisor: Supervisor) -> int:
        began = time.monotonic()
        server = self.redis.child()
        supervisor.start(server, lambda: self.redis.wait(server))
        write_private(self.folder.redis_url, self.redis.url)
        client = self._client
        frontier = Frontier(client, self.local.key_prefix, Policy.of(self.local))
        frontier.check_version()
        put_back_leases(self.local, client)
        database_url = self.local.database_url.get_secret_value()
        with open_store(database_url) as store:
            self._pair(client, store)
            bring_up_to_date(Rekeying(client, self.local.key_prefix, store, self.local.url_keys))
            processes = Processes(self.local, supervisor, self.folder.logs)
            if self.is_demo:
                processes.serve_demo()
            with reporting(self.console, self.sources, self.refused_to) as report:
                submitted = self._submit(frontier, store, self._sources, report)
                if self._sources:
                    self.console.print(submitted.as_words(), soft_wrap=True)
            took_nothing = report.took_nothing(submitted.taken)
            submitted += self._retry(frontier, store)
            now = frontier.snapshot()
            if now.unsettled or self._polled:
                print_command(self.console, self.folder, "Live status", "status", "--watch")
                self._warn()
                self.console.print(f"Metrics: {processes.start()}", style="dim", soft_wrap=True)
                now = self._work(frontier, store, supervisor, server)
            print_report(self.results or self.console, store, now, submitted)
            print_next_steps(self.console, self.folder, store, database_url)
            if self.on_end:
                self.on_end(run_record(store, now, submitted, time.monotonic() - began, masked(database_url)))
        with suppress(RedisError):  # it is not worth a failed run; the next one does it
            # Each page that passed through Redis is still in its file: 22 KB an article of the demo, of which 1 is left.
            rewrite_file(client)
        return NOTHING if now.unsettled or took_nothing else 0

    def _pair(self, client: RedisClient, store: Store) -> None:
        found = pair(client, self.local, store, take_over=self.take_over, folder=self.folder.redis)
        if found.note:
            self.console.print(found.note, style="yellow", markup=False, highlight=False, soft_wrap=True)

    @cached_property
    def _sources(self) -> list[Source]:
        """The sources to submit."""
        named = demo_urls(self.settings.demo_port) if self.demo else self.sources
        return open_sources(named, reading=self.reading)

    @property
    def _polled(self) -> list[Source]:
        """The sources that are read repeatedly. With one of these the run continues until it is stopped."""
        return [source for source in self._sources if source.poll_seconds is not None]

    def _warn(self) -> None:
        """Print what the user may not expect of this run."""
        warnings = (
            (not (self.is_demo or self.local.contact), NO_CONTACT),
            (
                self.settings.has_redis,
                "`newsmill run` has its own Redis: NEWSMILL_REDIS_URL is not used. Unset it before `status` or `why`.",
            ),
            (
                self.is_demo and self.settings.has_database,
                "The demo has its own database: NEWSMILL_DATABASE_URL is not used.",
            ),
        )
        for holds, warning in warnings:
            if holds:
                self.console.print(warning, style="yellow", soft_wrap=True)

    @property
    def _has_own_database(self) -> bool:
        """Whether the rows are in the folder, and not in the database of NEWSMILL_DATABASE_URL."""
        return self.is_demo or not self.settings.has_database

    def _submit(
        self,
        frontier: Frontier,
        store: Store,
        sources: Sequence[Source],
        report: Report,
        *,
        again: bool | None = None,
    ) -> Submitted:
        again = self.again if again is None else again
        with submitting(self.console, sources) as progress:
            return submit_sources(
                frontier,
                store,
                sources,
                report=report,
                again=again,
                priority=self.priority,
                progress=progress,
                rows=KnownRows.of(self.local, self._client, store, self._tell),
            )

    @cached_property
    def _client(self) -> RedisClient:
        return connect(self.local)

    def _tell(self, sentence: str) -> None:
        self.console.print(sentence, style="yellow", markup=False, soft_wrap=True)

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
        polling, telling = Polling(self._polled), Telling(self.console)
        with Progress(self.console) as progress:
            while now.unsettled or self._polled:
                progress.show(now)
                time.sleep(LOOK_EVERY)
                supervisor.keep()
                try:
                    if server.restarts > restarts:
                        # A Redis that was killed may have lost the submissions of its last second.
                        self._submit(frontier, store, self._sources, Report(), again=False)
                        self._retry(frontier, store)
                        restarts = server.restarts
                    self._poll(frontier, store, polling.due())
                    now = frontier.snapshot()
                    telling.look(frontier)
                except RedisError:
                    continue  # Redis is being restarted
            progress.show(now)
        return now

    def _poll(self, frontier: Frontier, store: Store, due: Sequence[Source]) -> None:
        """Submit what the sources have got since; one that cannot be read now is read again when it is due."""
        for source in due:
            try:
                self._submit(frontier, store, [source], Report(show=show_on(self.console)), again=False)
            except (UserError, OSError) as error:
                self.console.print(f"{source.name}: {error}", markup=False, soft_wrap=True)


class _Terminated(KeyboardInterrupt):
    """SIGTERM ends a run as Ctrl-C does, with an exit code of its own."""


@contextmanager
def _sigterm_is_ctrl_c() -> Iterator[None]:
    def interrupt(*_: object) -> None:
        raise _Terminated

    before = signal.signal(signal.SIGTERM, interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
