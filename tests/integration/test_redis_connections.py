"""Every way to a Redis, and every password: newsmill's clients and Celery's get there alike."""

import tempfile
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest
from celery import Celery
from kombu import pools
from redis.exceptions import AuthenticationError, ConnectionError  # noqa: A004 - redis's own name

from tests.integration.redis_servers import Server, running
from workers.delivery.celery_app import make_app
from workers.ledger.redis_client import connect
from workers.settings import load_settings

#: What a URL takes for something else, what Redis's own configuration quotes, and what is not ASCII.
PASSWORD = "p@:/%41#?&=+;, 'é\\ö\"ß漢"
#: A user of Redis's ACL may have these in its name.
USER = "news@mill:%41/é"


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    # A short path: a socket's may have 107 bytes.
    with (
        tempfile.TemporaryDirectory(prefix="r ") as folder,
        running(Path(folder), f'unixsocket "{folder}/s"') as server,
    ):
        with server.client as client:
            client.acl_setuser(
                USER, enabled=True, passwords=f"+{PASSWORD}", keys="*", channels="*", commands=["+@all"]
            )
            client.config_set("requirepass", PASSWORD)
        yield server


def urls(server: Server, password: str) -> dict[str, str]:
    user, encoded = quote(USER, safe=""), quote(password, safe="")
    socket = quote(f"{server.folder}/s")
    return {
        "password": f"redis://:{encoded}@127.0.0.1:{server.port}/1",
        "user": f"redis://{user}:{encoded}@127.0.0.1:{server.port}/1",
        "parameters": f"redis://127.0.0.1:{server.port}?db=1&username={user}&password={encoded}",
        "socket": f"unix://:{encoded}@{socket}?db=1",
        "socket and user": f"redis+socket://{user}:{encoded}@{socket}?db=1",
    }


WAYS = ["password", "user", "parameters", "socket", "socket and user"]


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[list[Celery]]:
    """Applications to be closed."""
    monkeypatch.chdir(tmp_path)
    apps: list[Celery] = []
    yield apps
    pools.reset()  # type: ignore[no-untyped-call]
    for app in apps:
        app.close()


@pytest.mark.parametrize("way", WAYS)
def test_clients_and_celery_log_in_to_the_same_database(server: Server, way: str, made: list[Celery]) -> None:
    settings = load_settings(redis_url=urls(server, PASSWORD)[way])
    app = make_app(settings)
    made.append(app)
    with connect(settings) as client, app.connection_for_write() as connection:
        client.flushall()
        channel = connection.channel()  # it has taken a look by the connection that waits for messages
        with connection.SimpleQueue("fetch", channel=channel) as queue:
            queue.put({"news": 1})
        assert client.llen(f"{settings.key_prefix}celery:fetch") == 1
        message = channel.basic_get("fetch")
        assert message.payload == {"news": 1}
        message.ack()
        assert client.connection_pool.connection_kwargs["db"] == 1


@pytest.mark.parametrize("way", WAYS)
def test_neither_what_celery_knows_nor_what_refuses_has_the_password(
    server: Server, way: str, made: list[Celery]
) -> None:
    settings = load_settings(redis_url=urls(server, "hunter2")[way])
    app = make_app(settings)
    made.append(app)
    with connect(settings) as client, pytest.raises(AuthenticationError) as refused:
        client.ping()
    with (
        app.connection_for_write() as connection,
        pytest.raises((AuthenticationError, ConnectionError)) as by_kombu,
    ):
        connection.channel()
    texts = [
        f"{refused.value!r} {by_kombu.value!r} {client!r} {client.connection_pool!r}",
        f"{connection!r} {connection.as_uri()} {connection.info()}",
        f"{app.conf.humanize(with_defaults=True, censored=False)}",
    ]
    assert not [text for text in texts if "hunter2" in text]
    # Flower connects by that.
    assert connection.as_uri(include_password=True) == settings.redis_url.get_secret_value()
