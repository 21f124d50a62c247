"""Messages of articles: the stages' tasks as a chain, in Celery's protocol 2, and the next message of a chain.

They are what `celery.chain` publishes, and any worker that has the tasks understands them. But Celery's own chain copies
and freezes a signature for each task when it begins, and one more at each hop: .9 and .6 ms of CPU, where these take half.
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
from workers.delivery.compat.celery_messages import publish_with_retry
from workers.settings import Settings

Message = dict[str, Any]

#: Version of a message. It goes up when a worker of the version before cannot work with a message any more: a stage or a
#: field of tasks.article.Article that has another name, type or meaning, not one that is added. A worker puts back what
#: has a newer version, and works on what has its own or the one before. `id`, `url` and `token` stay as they are.
#: Messages without the header are of version 1: the first release noted none.
VERSION = 1
VERSION_HEADER = "newsmill_version"


def publish(
    app: Celery, settings: Settings, article: Article, *, producer: Any = None, queue: str | None = None
) -> None:
    """Publish the chain of tasks for a leased article; to `queue` instead of the first stage's.

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
        publish_with_retry(app, ready, link["task"], message, options["queue"])


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
        # Not Celery's: when this hop was published, in seconds since the epoch, and the version of what is in it.
        "published": round(time.time(), 3),
        VERSION_HEADER: VERSION,
    }
    event = None
    if app.conf.task_send_sent_event:
        shared = {name: headers[name] for name in ("root_id", "parent_id", "retries", "eta", "expires")}
        event = {"uuid": task_id, "name": task, "args": article.id, "kwargs": "{}", **shared}
    embedded = {"callbacks": None, "errbacks": None, "chain": links, "chord": None}
    body: tuple[Any, ...] = ((article.to_message(),), {}, embedded)
    return task_message(headers, {"correlation_id": task_id, "reply_to": app.thread_oid}, body, event)
