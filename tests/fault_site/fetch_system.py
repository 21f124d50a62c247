"""Real fetch workers on the fault site: Redis, scheduler and workers as processes, as in production."""

import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from ipaddress import ip_network
from pathlib import Path
from typing import Any

from pydantic import SecretStr

from seeds.http_site import PUBLIC_ADDRESS, Site
from workers.ledger.entries import Policy
from workers.ledger.frontier import SUBMIT_BATCH, Frontier
from workers.ledger.redis_client import RedisClient, connect
from workers.ledger.submit import submission
from workers.local.redis_server import EmbeddedRedis, free_port
from workers.local.supervisor import Child, running
from workers.settings import Settings, load_settings
from workers.store.store import Store, open_store

#: Seconds that a run may take.
TIMEOUT = 120.0


@dataclass(frozen=True)
class FetchSystem:
    """The running processes, and what they share."""

    settings: Settings
    redis: RedisClient
    frontier: Frontier
    store: Store
    fetchers: Sequence[Child]

    def submit(self, urls: Sequence[str]) -> None:
        """Submit URLs."""
        for start in range(0, len(urls), SUBMIT_BATCH):
            self.frontier.submit([submission(url) for url in urls[start : start + SUBMIT_BATCH]])

    def fetched(self) -> int:
        """Return how many articles have left the fetch stage: settled, or waiting for the next one."""
        return int(
            self.frontier.snapshot().settled + self.redis.llen(f"{self.settings.key_prefix}celery:enrich")
        )

    def fetch_all(self, urls: Sequence[str]) -> None:
        """Submit URLs, and wait until all have left the fetch stage."""
        self.submit(urls)
        self.wait(lambda: self.fetched() >= len(urls))

    def wait(self, done: Callable[[], bool]) -> None:
        """Wait until `done()`; AssertionError after TIMEOUT."""
        deadline = time.monotonic() + TIMEOUT
        while not done():
            assert time.monotonic() < deadline, self.frontier.snapshot()
            time.sleep(0.05)


@contextmanager
def fetch_system(folder: Path, site: Site, fetchers: int = 1, **changes: Any) -> Iterator[FetchSystem]:
    """Run a Redis, a scheduler and so many fetch workers; the site is their public web."""
    redis = EmbeddedRedis(folder / "redis", free_port())
    settings = load_settings(
        **{
            "redis_url": SecretStr(redis.url),
            "database_url": SecretStr(f"sqlite:///{folder / 'newsmill.db'}"),
            "allow_networks": (ip_network(f"{PUBLIC_ADDRESS}/32"),),
            "allow_ports": (80, 443, site.port),
            "resolve": {"test": PUBLIC_ADDRESS},
            "contact": "https://mill.example/bot",
            "poll_interval": 0.01,
            **changes,
        }
    )

    def child(name: str, *command: str) -> Child:
        arguments = [sys.executable, "-m", "workers.cli", *command]
        return Child(name, arguments, folder / f"{name}.log", env=settings.environment())

    with ExitStack() as stack:
        server = redis.child()
        stack.enter_context(running(server))
        redis.wait(server)
        store = stack.enter_context(open_store(settings.database_url.get_secret_value()))
        workers = [
            stack.enter_context(running(child(f"fetch-{number}", "worker", "fetch")))
            for number in range(fetchers)
        ]
        stack.enter_context(running(child("scheduler", "scheduler")))
        client = connect(settings)
        yield FetchSystem(
            settings, client, Frontier(client, settings.key_prefix, Policy.of(settings)), store, workers
        )


def peak_megabytes(child: Child) -> float:
    """Return the most memory that the process has had, in MB (VmHWM of /proc)."""
    assert child.process is not None
    status = Path(f"/proc/{child.process.pid}/status").read_text()
    return int(status.split("VmHWM:")[1].split()[0]) * 1024 / 1e6
