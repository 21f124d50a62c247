"""A whole newsmill on this machine for the benchmarks: a Redis of its own, and the processes that a benchmark starts."""

import sys
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from ipaddress import ip_network
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from pydantic import SecretStr

from tasks.article import article_id
from tasks.urls import server_of
from workers.delivery.compat.kombu_keys import queue_key
from workers.ledger.entries import Policy, Submission
from workers.ledger.frontier import SUBMIT_BATCH, Frontier
from workers.ledger.redis_client import RedisClient, connect
from workers.local.redis_server import EmbeddedRedis, free_port
from workers.local.supervisor import Child, running
from workers.settings import Settings, load_settings

#: Seconds to wait for anything before the benchmark gives up.
TIMEOUT = 600
#: The commands of a whole system: one process of each kind.
ONE_OF_EACH = (("scheduler",), ("worker", "fetch"), ("worker", "enrich"))


class RunningSystem:
    """Redis, and the schedulers and workers that are started on it. By default hosts have no rate limit."""

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
        """End all processes."""
        self._stack.close()

    def start(self, *command: str, settings: Settings | None = None, name: str | None = None) -> Child:
        """Start `newsmill command`; it ends with this system at the latest."""
        return self._stack.enter_context(running(self.child(*command, settings=settings, name=name)))

    def start_all(self) -> list[Child]:
        """Start a scheduler, a fetch worker and an enrich worker."""
        return [self.start(*command) for command in ONE_OF_EACH]

    def child(self, *command: str, settings: Settings | None = None, name: str | None = None) -> Child:
        """Return `newsmill command`, not started yet; its log is named after `name`, else its last word."""
        name = name or command[-1]
        arguments = [sys.executable, "-m", "workers.cli", *command]
        environment = (settings or self.settings).environment()
        return Child(name, arguments, log=self.folder / f"{name}.log", env=environment)

    def submit(self, urls: Sequence[str]) -> None:
        """Submit the URLs."""
        for at in range(0, len(urls), SUBMIT_BATCH):
            batch = urls[at : at + SUBMIT_BATCH]
            self.frontier.submit(Submission(article_id(url), url, server_of(url)) for url in batch)

    @property
    def settled(self) -> int:
        """How many URLs have an outcome."""
        return self.frontier.snapshot().settled

    @property
    def waiting_for_enrich(self) -> int:
        """How many messages wait for an enrich worker."""
        return int(self.client.llen(queue_key(self.settings.key_prefix, "enrich")))

    def forget_contents(self) -> None:
        """Empty the content index, so that the same pages are not duplicates the next time."""
        prefix, scan = self.settings.key_prefix, self.client.scan_iter
        keys = [key for kind in ("content", "near") for key in scan(f"{prefix}{kind}:*", count=10_000)]
        for at in range(0, len(keys), 1000):
            self.client.unlink(*keys[at : at + 1000])


def wait_for(count: Callable[[], int], enough: int) -> int:
    """Return `count()` once it is at least `enough`; SystemExit after TIMEOUT."""
    deadline = time.monotonic() + TIMEOUT
    while (now := count()) < enough:
        if time.monotonic() > deadline:
            raise SystemExit(f"stuck at {now} of {enough}")
        time.sleep(0.03)  # often enough for phases of seconds, seldom enough not to load Redis
    return now


def settings_for(redis_url: str, folder: Path, port: int, **changes: Any) -> Settings:
    """Return the processes' settings: hosts without a rate limit, and all pages in flight at once."""
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
    return load_settings(**(common | changes))
