"""Redis servers with options of their own, on loopback, for tests: passwords, users, sockets, replicas, sentinels."""

import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from redis import Redis
from redis.exceptions import AuthenticationError, RedisError

from workers.local.redis_server import free_port, redis_server

#: Seconds that a server may take to answer, however busy the machine is.
PATIENCE = 60


@dataclass
class Server:
    """A redis-server that runs."""

    folder: Path
    port: int
    process: "subprocess.Popen[bytes]"

    @property
    def client(self) -> Redis:
        """A client without a password."""
        return Redis(port=self.port, socket_timeout=PATIENCE)


@contextmanager
def running(folder: Path, *options: str, port: int | None = None, sentinel: bool = False) -> Iterator[Server]:
    """Start a redis-server with these options in `folder`, wait until it answers, and end it afterwards."""
    port = port or free_port()
    folder.mkdir(parents=True, exist_ok=True)
    config = folder / "redis.conf"
    if not config.exists():  # Sentinel writes its own
        config.write_text(
            f'bind 127.0.0.1\nport {port}\ndir "{folder}"\nsave ""\n' + "\n".join(options) + "\n"
        )
    command = [redis_server(), str(config), *(["--sentinel"] if sentinel else [])]
    with (folder / "redis.log").open("ab") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log)
    try:
        _wait(process, port, folder)
        yield Server(folder, port, process)
    finally:
        process.kill()
        process.wait()


def _wait(process: "subprocess.Popen[bytes]", port: int, folder: Path) -> None:
    deadline = time.monotonic() + PATIENCE
    with Redis(port=port, socket_timeout=PATIENCE) as client:
        while True:
            try:
                client.ping()
            except AuthenticationError:
                return  # it answers
            except RedisError:
                assert process.poll() is None, (folder / "redis.log").read_text()
                assert time.monotonic() < deadline
                time.sleep(0.02)
            else:
                return
