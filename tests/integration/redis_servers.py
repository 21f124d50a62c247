"""Redis servers with options of their own, on loopback, for tests: passwords, users, sockets, replicas, sentinels."""

import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
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
    is_sentinel: bool = False
    process: "subprocess.Popen[bytes] | None" = None

    def start(self) -> None:
        """Start it, and wait until it answers."""
        command = [
            redis_server(),
            str(self.folder / "redis.conf"),
            *(["--sentinel"] if self.is_sentinel else []),
        ]
        with (self.folder / "redis.log").open("ab") as log:
            self.process = subprocess.Popen(command, stdout=log, stderr=log)
        _wait(self.process, self.port, self.folder)

    def kill(self) -> None:
        """Kill -9."""
        assert self.process
        self.process.kill()
        self.process.wait()

    def send(self, number: signal.Signals) -> None:
        """Send a signal."""
        assert self.process
        self.process.send_signal(number)

    @property
    def client(self) -> Redis:
        """A client without a password."""
        return Redis(port=self.port, socket_timeout=PATIENCE)


@contextmanager
def running(folder: Path, *options: str, port: int | None = None, sentinel: bool = False) -> Iterator[Server]:
    """Start a redis-server with these options in `folder`, and end it afterwards."""
    port = port or free_port()
    folder.mkdir(parents=True, exist_ok=True)
    head = ("bind 127.0.0.1", f"port {port}", f'dir "{folder}"', 'save ""')
    (folder / "redis.conf").write_text("\n".join((*head, *options)) + "\n")
    server = Server(folder, port, is_sentinel=sentinel)
    try:
        server.start()
        yield server
    finally:
        server.kill()


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


@dataclass
class Group:
    """A master, its replica, and three sentinels that make the replica the master when the master is away."""

    servers: tuple[Server, Server]
    sentinels: tuple[Server, ...]

    #: The master's name.
    name = "news"

    @property
    def url(self) -> str:
        """The address that follows the master."""
        places = ",".join(f"127.0.0.1:{one.port}" for one in self.sentinels)
        return f"sentinel://{places}/0?master={self.name}"

    def master(self) -> Server:
        """Return the server that is the master to the sentinels."""
        port = self.master_port()
        return next(one for one in self.servers if one.port == port)

    def master_port(self) -> int:
        """Ask the sentinels for the port of the master."""
        with self.sentinels[0].client as client:
            return int(client.execute_command("SENTINEL", "GET-MASTER-ADDR-BY-NAME", self.name)[1])


@contextmanager
def failover_group(
    folder: Path,
    *options: str,
    down_after_ms: int = 1000,
    unused_port: Callable[[], int] = free_port,
) -> Iterator[Group]:
    """Start a group, and wait until the replica has followed and all sentinels know each other."""
    with ExitStack() as stack:
        master = stack.enter_context(running(folder / "one", *options, port=unused_port()))
        follows = f"replicaof 127.0.0.1 {master.port}"
        replica = stack.enter_context(running(folder / "two", *options, follows, port=unused_port()))
        watch = (
            f"sentinel monitor {Group.name} 127.0.0.1 {master.port} 2",
            f"sentinel down-after-milliseconds {Group.name} {down_after_ms}",
            f"sentinel failover-timeout {Group.name} 10000",
        )
        sentinels = tuple(
            stack.enter_context(
                running(folder / f"sentinel {number}", *watch, port=unused_port(), sentinel=True)
            )
            for number in range(3)
        )
        _until(lambda: _follows(replica) and all(map(_knows_all, sentinels)))
        yield Group((master, replica), sentinels)


def _follows(replica: Server) -> bool:
    with replica.client as client:
        return client.info("replication")["master_link_status"] == "up"


def _knows_all(sentinel: Server) -> bool:
    with sentinel.client as client:
        state = client.sentinel_masters()[Group.name]
        return bool(state["num-slaves"] == 1 and state["num-other-sentinels"] == 2)


def _until(so: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not so():
        assert time.monotonic() < deadline
        time.sleep(0.05)
