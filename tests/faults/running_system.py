"""The system under test: a Redis with AOF, a database, schedulers and workers as processes that a fault can hit."""

import os
import signal
import subprocess
import time
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from redis.exceptions import RedisError

from tests.faults import redis_proxy
from tests.faults.clock_skew import with_clock_ahead
from tests.faults.configuration import SETTINGS, Layout, command_of, unused_port
from tests.faults.crashing_pages import expose
from tests.faults.database import Database
from tests.faults.forked_process import ForkedProcess, newsmill
from tests.faults.in_flight import InFlight
from tests.faults.system_state import SystemState, scrape
from tests.integration.redis_servers import Group, failover_group
from workers.local.redis_server import EmbeddedRedis
from workers.local.supervisor import Child
from workers.settings import Settings, load_settings

#: Seconds to wait for anything before the experiment counts as stuck; a run takes 10 to 40 s.
TIMEOUT = 120.0
#: Starts of a process after which it is not started again.
MAX_STARTS = 30
#: Seconds between two readings of the state.
POLL_INTERVAL = 0.02

#: Makes the main function of a process that runs `newsmill` with these arguments.
Program = Callable[..., Callable[[], object]]


@dataclass
class RunningSystem:
    """The running processes of one run. Names are `scheduler-1`, `fetch-1`, `enrich-1`, ..."""

    folder: Path
    settings: Settings
    server: EmbeddedRedis
    database: Database
    recovery: bool
    #: Master, replica and sentinels, where Redis is not one server.
    group: Group | None = None
    processes: dict[str, ForkedProcess] = field(default_factory=dict)
    #: The process between some workers and Redis.
    proxy: ForkedProcess | None = None
    #: The name of the worker behind it.
    behind_proxy: str = ""
    #: Ports of the processes' metrics.
    ports: dict[str, int] = field(default_factory=dict)
    #: URLs that a fault submits later.
    second_list: Sequence[str] = ()
    #: What went wrong with a fault itself, in words.
    problems: list[str] = field(default_factory=list)

    @cached_property
    def state(self) -> SystemState:
        """What can be read of the system."""
        return SystemState(self.settings, self.database)

    @cached_property
    def in_flight(self) -> InFlight:
        """The articles that were in flight at the last fault."""
        return InFlight(self.state)

    @cached_property
    def redis_child(self) -> Child:
        """The redis-server."""
        return self.server.child()

    def submit(self, urls: Sequence[str], producers: int = 1, program: Program = newsmill) -> None:
        """Submit a list as a user does, by so many processes at once."""
        file, log = self.folder / "urls.txt", self.folder / "submit.log"
        file.write_text("\n".join(urls))
        submitting = [
            ForkedProcess("submit", program("submit", str(file)), log, self.settings.environment())
            for _ in range(producers)
        ]
        for one in submitting:
            one.start()
        for one in submitting:
            one.wait(60)
        assert [one.code for one in submitting] == [0] * producers, log.read_text()

    def start(self, layout: Layout) -> None:
        """Start schedulers and workers."""
        for kind, count in layout.counts():
            for number in range(1, count + 1):
                last = number == count
                main = self._main(command_of(kind))
                if last and kind in layout.clock_ahead:
                    main = with_clock_ahead(self.folder, command_of(kind))
                behind_proxy = last and kind in layout.behind_proxy
                self.start_process(f"{kind}-{number}", main, behind_proxy=behind_proxy)

    def start_process(self, name: str, main: Callable[[], object], *, behind_proxy: bool = False) -> None:
        """Start a process that runs `main`, with the system's settings and a metrics port of its own."""
        self.ports[name] = unused_port()
        env = {**self.settings.environment(), "NEWSMILL_METRICS_PORT": str(self.ports[name])}
        if behind_proxy:
            self.behind_proxy = name
            self.proxy, env["NEWSMILL_REDIS_URL"] = redis_proxy.start(
                self.server.port, unused_port(), self.folder
            )
        self.processes[name] = ForkedProcess(name, main, self.folder / f"{name}.log", env)
        self.processes[name].start()

    def stop_process(self, name: str) -> None:
        """End a process for good, as a deployment does (SIGTERM); it is a problem if it does not end by itself."""
        process = self.processes.pop(name)
        del self.ports[name]
        self.terminate(process)

    def terminate(self, process: ForkedProcess) -> None:
        """Send SIGTERM, and wait for the end; it is a problem if the process does not end by itself."""
        process.send(signal.SIGTERM)
        process.wait(self.settings.drain_seconds + 10)
        if process.code != 0:
            self.problems.append(f"{process.name} did not end by itself on SIGTERM: {process.code}")

    def _main(self, command: tuple[str, ...]) -> Callable[[], object]:
        if not self.recovery:
            from tests.faults.without_recovery import run  # noqa: PLC0415 - needs what `preload` loads

            return lambda: run(command)

        def main() -> None:
            expose()
            newsmill(*command)()

        return main

    def named(self, kind: str) -> list[ForkedProcess]:
        """Return the processes of a kind."""
        return [process for name, process in self.processes.items() if name.startswith(kind)]

    def restart_ended(self) -> None:
        """Start ended processes again, as any supervisor does."""
        for process in self.processes.values():
            if process.ended():
                if process.starts > MAX_STARTS:
                    raise RuntimeError(
                        f"{process.name} ends again and again: {process.log.read_text()[-2000:]}"
                    )
                process.start()

    def wait_until(self, condition: Callable[[], bool], timeout: float = TIMEOUT) -> bool:
        """Keep all processes running until the condition is true; return False if it is not in time."""
        deadline = time.monotonic() + timeout
        while time.monotonic() < deadline:
            self.restart_ended()
            try:
                if condition():
                    return True
            except RedisError:
                pass  # it is being started again
            time.sleep(POLL_INTERVAL)
        return False

    def quiet(self) -> bool:
        """Return whether nothing is left that could still move."""
        return self.state.quiet(recovery=self.recovery)

    def exported(self) -> Mapping[str, int]:
        """Return the ledger's counters as a scheduler exports them to Prometheus."""
        found: Mapping[str, int] = {}

        def scraped() -> bool:
            nonlocal found
            found = scrape(self.ports["scheduler-1"], "newsmill_settled")
            return bool(found)

        self.wait_until(scraped)
        return found

    def counted(self) -> Mapping[str, int]:
        """Return what all processes have counted, by outcome."""
        counts = (Counter(scrape(port, "newsmill_articles_total")) for port in self.ports.values())
        return sum(counts, Counter())

    def drain(self) -> None:
        """End all schedulers and workers with SIGTERM, so that nobody writes any more.

        A worker that was cut off ends before the others, and the proxy with it: what was on its way, or what it puts
        back into a queue, may reach Redis after the system was quiet. The others drop that.
        """
        if self.proxy is not None:
            self._end([self.processes.pop(self.behind_proxy)])
            _kill(self.proxy)
            self.wait_until(self.quiet)
        self._end(self.processes.values())

    def _end(self, processes: Collection[ForkedProcess]) -> None:
        for process in processes:
            process.send(signal.SIGTERM)
        for process in processes:
            process.wait(self.settings.drain_seconds + 10)

    def end(self) -> None:
        """Kill everything, whatever state it is in."""
        for process in [*self.processes.values(), *([self.proxy] if self.proxy else [])]:
            _kill(process)
        if self.redis_child.process is not None and self.redis_child.process.poll() is None:
            self.redis_child.process.kill()
            self.redis_child.process.wait()
        self.state.redis.close()


def _kill(process: ForkedProcess) -> None:
    if not process.ended():
        for pid in (process.pid, *children_of(process)):
            send_signal(pid, signal.SIGKILL)
        process.wait(10)


def children_of(process: ForkedProcess) -> list[int]:
    """Return the pids of a process's own children."""
    found = subprocess.run(["pgrep", "-P", str(process.pid)], capture_output=True, text=True, check=False)
    return [int(pid) for pid in found.stdout.split()]


def send_signal(pid: int, sig: signal.Signals) -> None:
    """Send a signal to a process that may have ended."""
    with suppress(ProcessLookupError):
        os.kill(pid, sig)


@contextmanager
def running(
    folder: Path,
    database: Database,
    port: int,
    changes: Mapping[str, Any],
    *,
    recovery: bool,
    failover: bool = False,
) -> Iterator[RunningSystem]:
    """Yield a system whose Redis runs, with a replica and sentinels for `failover`; its pages are served on `port`."""
    server = EmbeddedRedis(folder / "redis", unused_port())
    with ExitStack() as stack:
        options = ("appendonly yes", "appendfsync everysec")
        group = (
            stack.enter_context(failover_group(folder / "redis", *options, unused_port=unused_port))
            if failover
            else None
        )
        given = {
            "redis_url": group.url if group else server.url,
            "database_url": database.url,
            "allow_ports": (port,),
        }
        settings = load_settings(_env_file=None, **{**SETTINGS, **given, **changes})
        system = RunningSystem(folder, settings, server, database, recovery, group)
        try:
            if not group:
                system.redis_child.start()
                server.wait(system.redis_child)
            yield system
        finally:
            system.end()
