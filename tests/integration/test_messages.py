"""Messages of articles are those that Celery itself would publish for a chain of the five tasks."""

import base64
import json
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from celery import Celery, chain, signature

from tasks.article import Article
from tasks.pipeline import STAGES
from workers.delivery.messages import VERSION_HEADER, pass_on, publish
from workers.delivery.runtime import Runtime
from workers.ledger.redis_client import RedisClient
from workers.ledger.submit import submission


@pytest.fixture
def article(runtime: Runtime) -> Article:
    runtime.frontier.submit([submission("http://a.test/1")])
    (lease,) = runtime.frontier.claim(1)
    return lease.article


@pytest.fixture
def taken(redis: RedisClient, prefix: str) -> Callable[[str], dict[str, Any]]:
    """Take the message that waits in a queue, its body read."""

    def take(queue: str) -> dict[str, Any]:
        message: dict[str, Any] = json.loads(redis.rpop(f"{prefix}celery:{queue}"))
        return {**message, "body": json.loads(base64.b64decode(message["body"]))}

    return take


def without(message: dict[str, Any], *names: str) -> dict[str, Any]:
    """Return the message without what differs from one to the next, and the headers `names`."""
    headers = {name: value for name, value in message["headers"].items() if name not in names}
    properties = {
        name: value
        for name, value in message["properties"].items()
        if name not in {"delivery_tag", "correlation_id"}
    }
    return {**message, "headers": headers, "properties": properties}


def test_the_first_message_is_that_of_a_chain(
    app: Celery, runtime: Runtime, article: Article, taken: Callable[[str], dict[str, Any]]
) -> None:
    links = [app.signature(stage.task, queue=runtime.settings.queue_of(stage.name)) for stage in STAGES]
    links[0].args = (article.to_message(),)
    chain(*links).apply_async()
    by_celery = taken("fetch")
    publish(app, runtime.settings, article)
    by_us = taken("fetch")
    for message in (by_celery, by_us):
        later = [link["options"].pop("task_id") for link in message["body"][2]["chain"]]
        ids = [message["headers"]["id"], *later]
        assert len(set(ids)) == len(STAGES)
        assert message["headers"]["root_id"] == message["properties"]["correlation_id"] == ids[0]
    # What is shown of the arguments is the id, not a part of the record.
    assert by_us["headers"]["argsrepr"] == article.id
    names = ("id", "root_id", "argsrepr", "published", VERSION_HEADER)
    assert without(by_us, *names) == without(by_celery, *names)


def test_the_next_message_is_that_of_a_chain(
    app: Celery, runtime: Runtime, article: Article, taken: Callable[[str], dict[str, Any]]
) -> None:
    publish(app, runtime.settings, article)
    first = taken("fetch")
    headers, links = first["headers"], first["body"][2]["chain"]
    request = SimpleNamespace(id=headers["id"], root_id=headers["root_id"], chain=links)
    signature(links[-1], app=app).apply_async(
        (article.to_message(),), chain=links[:-1], parent_id=request.id, root_id=request.root_id
    )
    by_celery = taken("enrich")
    pass_on(app, request, article)
    by_us = taken("enrich")
    assert by_us["headers"]["id"] == links[-1]["options"]["task_id"] == by_us["properties"]["correlation_id"]
    # The limits are those of the worker that the message comes to.
    names = ("argsrepr", "published", "timelimit", VERSION_HEADER)
    assert without(by_us, *names) == without(by_celery, *names)


def test_a_message_says_when_it_was_published(
    app: Celery, runtime: Runtime, article: Article, taken: Callable[[str], dict[str, Any]]
) -> None:
    publish(app, runtime.settings, article)
    assert taken("fetch")["headers"]["published"] == pytest.approx(article.submitted_at, abs=60)


def test_flower_is_told_of_a_message_as_celery_tells_it(
    app: Celery, runtime: Runtime, article: Article, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[dict[str, Any]] = []
    monkeypatch.setitem(app.conf, "task_send_sent_event", True)
    monkeypatch.setattr(
        app.amqp._event_dispatcher, "publish", lambda _, event, *__, **___: told.append(event)
    )
    app.send_task("tasks.fetch", args=(article.to_message(),), queue="fetch", argsrepr=article.id)
    publish(app, runtime.settings, article)
    by_celery, by_us = ({**event, "uuid": "", "root_id": ""} for event in told)
    assert by_us == by_celery
