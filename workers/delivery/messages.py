"""Messages of articles: the five tasks as a chain, in Celery's protocol 2, and the next hop of one under way.

They are what `celery.chain` publishes, and any worker of the five tasks understands them. But a chain clones and freezes
five signatures when it begins, and one at each hop: .9 and .6 ms of CPU, where these take half.
"""

import time
from collections.abc import Sequence
from typing import Any

from celery import Celery
from celery.app.amqp import task_message
from celery.utils import uuid
from celery.utils.nodenames import anon_nodename

from tasks.article import Article
from tasks.pipeline import STAGES
from workers.settings import Settings

Message = dict[str, Any]


def publish(
    app: Celery, settings: Settings, article: Article, *, producer: Any = None, queue: str | None = None
) -> None:
    """Publish the chain of five tasks for a leased article; to `queue` instead of the first stage's.

    Raises kombu.exceptions.OperationalError.
    """
    first, *later = STAGES
    reply_to = app.thread_oid
    # The last link comes first.
    links: list[Message] = [
        {
            "task": stage.task,
            "args": [],
            "kwargs": {},
            "options": {"queue": settings.queue_of(stage.name), "task_id": uuid(), "reply_to": reply_to},
            "subtask_type": None,
            "immutable": False,
        }
        for stage in reversed(later)
    ]
    task_id = uuid()
    message = _message(app, first.task, task_id, article, links, root_id=task_id, parent_id=None)
    with app.producer_or_acquire(producer) as ready:
        app.amqp.send_task_message(
            ready, first.task, message, queue=queue or settings.queue_of(first.name), declare=[]
        )


def pass_on(app: Celery, request: Any, article: Article) -> None:
    """Publish the next task of the chain of which `request` is one, with what that made of the article.

    Tries for a minute where Redis refuses (kombu.exceptions.OperationalError then), as Celery does for a chain.
    """
    *later, link = request.chain
    options = link["options"]
    message = _message(
        app, link["task"], options["task_id"], article, later, root_id=request.root_id, parent_id=request.id
    )
    with app.producer_or_acquire() as ready:
        app.amqp._retry_publish(  # noqa: SLF001 - as Celery does for the next task of a chain
            app.amqp.send_task_message,
            ready,
            link["task"],
            message,
            queue=options["queue"],
            declare=[],
        )


def _message(
    app: Celery,
    task: str,
    task_id: str,
    article: Article,
    links: Sequence[Message],
    *,
    root_id: str,
    parent_id: str | None,
) -> Any:
    """Return a message as Celery's own are made (celery.app.amqp.AMQP.as_task_v2)."""
    headers = {
        "lang": "py",
        "task": task,
        "id": task_id,
        "shadow": None,
        "eta": None,
        "expires": None,
        "group": None,
        "group_index": None,
        "retries": 0,
        "timelimit": [None, None],
        "root_id": root_id,
        "parent_id": parent_id,
        # What Flower shows.
        "argsrepr": article.id,
        "kwargsrepr": "{}",
        "origin": anon_nodename(),
        "ignore_result": True,
        "replaced_task_nesting": 0,
        "stamped_headers": None,
        "stamps": {},
        # Not Celery's: each hop has its own time, in seconds since the epoch.
        "published": round(time.time(), 3),
    }
    event = None
    if app.conf.task_send_sent_event:
        shared = {name: headers[name] for name in ("root_id", "parent_id", "retries", "eta", "expires")}
        event = {"uuid": task_id, "name": task, "args": article.id, "kwargs": "{}", **shared}
    embedded = {"callbacks": None, "errbacks": None, "chain": links, "chord": None}
    body: tuple[Any, ...] = ((article.to_message(),), {}, embedded)
    return task_message(headers, {"correlation_id": task_id, "reply_to": app.thread_oid}, body, event)
