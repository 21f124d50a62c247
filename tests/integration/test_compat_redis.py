"""Canaries of what newsmill overrides in redis-py: commands that are interrupted before their reply is read."""

from collections.abc import Callable
from typing import Any

import pytest
from celery import Celery
from redis import Redis

from workers.delivery.compat.kombu_transport import Client
from workers.delivery.runtime import Runtime
from workers.ledger.compat import DirectRedis
from workers.ledger.redis_client import RedisClient


class InterruptError(BaseException):
    """What a task's soft time limit raises, at any moment."""


def interrupt(*_: object, **__: object) -> None:
    raise InterruptError


def of_ledger(_: Celery, runtime: Runtime) -> RedisClient:
    return runtime.redis


def of_kombu(app: Celery, _: Runtime) -> RedisClient:
    return app.connection_for_write().channel()._create_client()


@pytest.mark.parametrize("client_of", [of_ledger, of_kombu])
def test_a_command_that_is_interrupted_leaves_its_reply_to_nobody(
    app: Celery, runtime: Runtime, client_of: Callable[..., RedisClient], monkeypatch: pytest.MonkeyPatch
) -> None:
    client = client_of(app, runtime)
    client.hset("key", "field", "value")
    with monkeypatch.context() as patched:
        patched.setattr(type(client), "parse_response", interrupt)
        with pytest.raises(InterruptError):
            # Answered a second later: nothing is there to be read when the connection is used again.
            client.execute_command("BRPOP", "empty", 1)
    assert client.hget("key", "field") == b"value"


@pytest.mark.parametrize(
    "call",
    [
        lambda client: client.get("key"),
        lambda client: client.set("key", b"value", ex=10),
        lambda client: client.register_script("return 1")(keys=["key"]),
    ],
)
def test_commands_and_scripts_go_through_the_method_that_is_overridden(
    redis_url: str, call: Callable[[RedisClient], Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    sent: list[str] = []
    execute = vars(DirectRedis)["execute_command"]

    def noted(self: DirectRedis, *args: Any, **options: Any) -> Any:
        sent.append(args[0])
        return execute(self, *args, **options)

    monkeypatch.setattr(DirectRedis, "execute_command", noted)
    with DirectRedis.from_url(redis_url) as client:
        call(client)
    assert sent


def test_kombu_s_client_is_safe_as_well_and_puts_its_prefix_in_front(
    app: Celery, redis: RedisClient, prefix: str
) -> None:
    client = app.connection_for_write().channel()._create_client()
    assert isinstance(client, Client)
    assert Client.__mro__.index(DirectRedis) < Client.__mro__.index(Redis)
    client.set("key", "value")
    assert redis.get(f"{prefix}celery:key") == b"value"
