"""The messages of an article: the first of its chain of tasks, and each next one.

They equal those of `celery.chain` (protocol 2), so any worker with these tasks understands them.
"""

import time
from typing import Any

from celery import Celery, uuid

from tasks.article import Article
from tasks.pipeline import STAGES
from workers.delivery.compat.celery_messages import (
    chain_links,
    links_of,
    publish_first,
    publish_next,
    task_message,
)
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
    links = chain_links(app, [(stage.task, settings.queue_of(stage.name)) for stage in later])
    task_id = uuid()
    message = task_message(
        app, first.task, article.to_message(), links, task_id=task_id, argsrepr=article.id, root_id=task_id
    )
    queue = queue or settings.queue_of(first.name)
    publish_first(app, first.task, message, queue, _headers(), producer=producer)


def pass_on(app: Celery, request: Any, article: Article) -> None:
    """Publish the next task of the chain of `request`, with the article as `request`'s task has left it.

    If Redis refuses, tries again for a minute, then raises kombu.exceptions.OperationalError.
    """
    *later, link = links_of(request)
    message = task_message(
        app,
        link["task"],
        article.to_message(),
        later,
        task_id=link["options"]["task_id"],
        argsrepr=article.id,
        root_id=request.root_id,
        parent_id=request.id,
    )
    publish_next(app, link["task"], message, link["options"]["queue"], _headers())


def _headers() -> Message:
    """Return newsmill's own headers: the time of publishing, in seconds since the epoch, and the version."""
    return {"published": round(time.time(), 3), VERSION_HEADER: VERSION}
