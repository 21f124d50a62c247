"""A Redis that fails over: clients and Celery follow the master, and what it refuses meanwhile is a Redis that is away.

Canaries of workers/ledger/redis_connections.py.
"""

import signal
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from celery import Celery
from kombu import pools
from redis.exceptions import ConnectionError  # noqa: A004 - redis's own name
from typer.testing import CliRunner

from tests.integration.redis_servers import PATIENCE, Group, Server, failover_group, running
from workers.cli import app
from workers.cli.errors import message_for
from workers.delivery.celery_app import make_app
from workers.ledger.entries import Policy
from workers.ledger.frontier import Frontier
from workers.ledger.redis_client import RedisClient, connect
from workers.ledger.redis_connections import UnwritableError
from workers.ledger.submit import submission, submit_all
from workers.settings import Settings, load_settings


def until(so: Callable[[], Any]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not so():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def settings_for(url: str) -> Settings:
    return load_settings(_env_file=None, redis_url=url)


def frontier_on(client: RedisClient) -> Frontier:
    return Frontier(client, "newsmill:", Policy())


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    with running(tmp_path / "redis") as server:
        yield server


@pytest.fixture
def url(server: Server) -> str:
    return f"redis://127.0.0.1:{server.port}/0"


@pytest.fixture
def make(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Callable[[str], Celery]]:
    """Make the application on a Redis."""
    monkeypatch.chdir(tmp_path)
    apps: list[Celery] = []

    def made(url: str) -> Celery:
        apps.append(make_app(settings_for(url)))
        return apps[-1]

    yield made
    pools.reset()  # type: ignore[no-untyped-call]
    for one in apps:
        one.close()


def demote(server: Server) -> None:
    with server.client as client:
        client.replicaof("127.0.0.1", 1)


def without_replicas(server: Server) -> None:
    with server.client as client:
        client.config_set("min-replicas-to-write", 1)


def mend(server: Server) -> None:
    with server.client as client:
        client.replicaof("NO", "ONE")
        client.config_set("min-replicas-to-write", 0)


@pytest.mark.parametrize("harm", [demote, without_replicas])
@pytest.mark.parametrize(
    "call",
    [
        lambda client: client.set("a", 1),
        lambda client: frontier_on(client).pulse(),
        lambda client: client.pipeline(transaction=False).set("a", 1).execute(),
    ],
    ids=["command", "script", "pipeline"],
)
def test_a_redis_that_takes_no_writes_is_one_that_is_away(
    server: Server, url: str, harm: Callable[[Server], None], call: Callable[[RedisClient], Any]
) -> None:
    with connect(settings_for(url)) as client, connect(settings_for(url), patient=True) as patient:
        client.ping()
        harm(server)
        with pytest.raises(ConnectionError) as refused:
            call(client)
        assert isinstance(refused.value, UnwritableError)
        assert "newsmill needs Redis 6.2 or newer, writable" in str(message_for(refused.value))
        # A patient client waits for the write to be taken.
        waiting = threading.Thread(target=call, args=(patient,))
        waiting.start()
        until(lambda: _refusals(server) > 1)
        mend(server)
        waiting.join(PATIENCE)
        assert not waiting.is_alive()
        call(client)


def _refusals(server: Server) -> int:
    with server.client as client:
        failed = client.info("stats")["total_error_replies"]
        return int(failed)


def test_what_waits_for_a_message_on_a_redis_that_is_demoted_connects_anew(
    server: Server, url: str, make: Callable[[str], Celery]
) -> None:
    caught: list[BaseException] = []
    with make(url).connection_for_read() as connection:

        def wait() -> None:
            try:
                with connection.SimpleQueue("fetch") as queue:
                    queue.get(timeout=PATIENCE)
            except BaseException as error:  # noqa: BLE001 - for the test to see
                caught.append(error)

        waiting = threading.Thread(target=wait)
        waiting.start()
        until(lambda: _blocked(server))
        demote(server)
        waiting.join(PATIENCE)
        assert isinstance(caught[0], connection.connection_errors)


def _blocked(server: Server) -> int:
    with server.client as client:
        return int(client.info("clients")["blocked_clients"])


@pytest.fixture
def group(tmp_path: Path) -> Iterator[Group]:
    with failover_group(tmp_path / "group") as group:
        yield group


def kill(group: Group) -> None:
    group.servers[0].kill()


def fail_over(group: Group) -> None:
    with group.sentinels[0].client as client:
        client.execute_command("SENTINEL", "FAILOVER", group.name)


@pytest.mark.parametrize("harm", [kill, fail_over])
def test_every_client_and_celery_are_where_the_master_is(
    group: Group, make: Callable[[str], Celery], harm: Callable[[Group], None]
) -> None:
    celery, settings = make(group.url), settings_for(group.url)
    old = group.master_port()
    with connect(settings, patient=True) as client, celery.connection_for_write() as connection:
        frontier_on(client).submit([submission("http://a.test/1")])
        queue = connection.SimpleQueue("fetch")
        queue.put(1)
        harm(group)
        until(lambda: group.master_port() != old)
        # The pool's connection breaks, or is old: in the middle of a command, too, it is made to the new master.
        until(lambda: client.info("server")["tcp_port"] != old)
        assert frontier_on(client).submit([submission("http://a.test/2")]) in {"n", "u"}

        def published() -> bool:
            try:
                with celery.connection_for_write() as again, again.SimpleQueue("fetch") as there:
                    there.put(2)
            except connection.connection_errors:
                return False
            return True

        until(published)
    new = next(one for one in group.servers if one.port != old)
    with new.client as there:
        assert there.llen("newsmill:celery:fetch") >= 1
        assert there.hlen("newsmill:counts") == 1


def test_a_client_goes_on_while_no_sentinel_answers(group: Group) -> None:
    with connect(settings_for(group.url), patient=True) as client:
        client.set("a", 1)
        for one in group.sentinels:
            one.kill()
        client.connection_pool._asked = 0.0
        assert client.get("a") == b"1"


def test_a_master_that_no_sentinel_knows_is_said_in_one_line(group: Group) -> None:
    url = group.url.replace("master=news", "master=other")
    with connect(settings_for(url)) as client, pytest.raises(ConnectionError) as refused:
        client.ping()
    assert "no sentinel names a master 'other'. Start it" in str(message_for(refused.value))
    url = "sentinel://127.0.0.1:1,127.0.0.1:2/0?master=news"
    with connect(settings_for(url)) as client, pytest.raises(ConnectionError) as refused:
        client.ping()
    assert "a master 'news': Error 111 connecting to 127.0.0.1:1." in str(message_for(refused.value))


@pytest.fixture
def pair(tmp_path: Path) -> Iterator[tuple[Server, Server]]:
    """A master and a replica that follows it."""
    with (
        running(tmp_path / "master") as master,
        running(tmp_path / "replica", f"replicaof 127.0.0.1 {master.port}") as replica,
    ):
        until(lambda: _slaves(master))
        yield master, replica


def _slaves(master: Server) -> bool:
    with master.client as client:
        return bool(client.info("replication").get("slave0", {}).get("state") == "online")


def test_submissions_wait_until_a_replica_has_them_or_say_that_none_has(pair: tuple[Server, Server]) -> None:
    master, replica = pair
    with connect(settings_for(f"redis://127.0.0.1:{master.port}/0")) as client:
        frontier = frontier_on(client)
        assert frontier.submit([submission("http://a.test/1")]) == "n"
        with replica.client as there:
            assert there.llen("newsmill:q:1:a.test") == 1
        replica.send(signal.SIGSTOP)
        try:
            assert frontier.submit([submission("http://a.test/1"), submission("http://a.test/2")]) == "wu"
            result = submit_all(frontier, [submission("http://a.test/3")])
            assert (result.queued, result.unconfirmed) == (1, 1)
        finally:
            replica.send(signal.SIGCONT)


def test_a_redis_without_replicas_confirms_by_itself_unless_its_address_is_that_of_sentinels(
    group: Group, url: str
) -> None:
    with connect(settings_for(url)) as alone, connect(settings_for(group.url)) as watched:
        assert frontier_on(alone).submit([submission("http://a.test/1")]) == "n"
        assert frontier_on(watched).submit([submission("http://a.test/1")]) == "n"
        group.servers[1].kill()
        until(lambda: not watched.info("replication")["connected_slaves"])
        assert frontier_on(watched).submit([submission("http://a.test/2")]) == "u"


def test_the_command_says_so(
    pair: tuple[Server, Server], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    master, replica = pair
    replica.send(signal.SIGSTOP)
    try:
        environment = {"NEWSMILL_REDIS_URL": f"redis://127.0.0.1:{master.port}/0"}
        done = CliRunner().invoke(app, ["submit", "http://a.test/1", "http://a.test/2"], env=environment)
    finally:
        replica.send(signal.SIGCONT)
    assert done.exit_code == 1
    assert "queued 2" in done.stdout
    assert "no replica of Redis has confirmed 2 of the queued URLs" in done.stderr
