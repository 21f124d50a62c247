"""The stages as Celery tasks: `tasks.fetch` and so on, a standard chain on the wire.

A task runs its stage and then, in place, the stages after it whose queue is the one it was delivered on; then it
publishes the rest of the chain. So routing alone decides what is a hop through Redis.
"""

import time
from typing import Any

import structlog
from celery import Celery, Task
from kombu.exceptions import OperationalError
from redis.exceptions import RedisError

from tasks.article import Article
from tasks.pipeline import STAGES
from tasks.stage import Pool, Stage
from workers.delivery.compat.celery_events import stage_events
from workers.delivery.compat.celery_messages import end_chain, links_of, queue_of
from workers.delivery.messages import VERSION, VERSION_HEADER, Message, pass_on
from workers.delivery.runtime import Runtime
from workers.ledger.submit import submit_one

log = structlog.get_logger(__name__)

_STAGE_OF = {stage.task: stage.name for stage in STAGES}


def register(app: Celery, runtime: Runtime) -> None:
    """Make a task of each stage on `app`."""
    for stage in STAGES:
        _register(app, runtime, stage)


def _register(app: Celery, runtime: Runtime, stage: Stage) -> None:
    limits: dict[str, Any] = {}
    if stage.pool is Pool.PROCESSES:  # threads know no limits: their stages keep their own deadlines
        settings = runtime.settings
        limits = {"soft_time_limit": settings.soft_limit, "time_limit": settings.hard_limit}

    def run(self: Task, message: Message | str) -> str | None:
        if isinstance(message, str):
            return submit_one(runtime.frontier, message)
        _count_wait(runtime, self.request)
        names = [stage.name, *_take_in_place(self.request)]
        watch = stage_events(self) if runtime.settings.task_events else None
        try:
            article = _article_in(message, self.request, runtime, stage.name)
            if article is None:
                return None
            onward = runtime.runner.deliver(article, names, more=bool(links_of(self.request)), watch=watch)
            if onward is not None:
                pass_on(app, self.request, onward)
        except (RedisError, OperationalError) as error:
            # The lease brings the article back. Tasks never propagate Redis errors: an exception goes to the worker's
            # main process with its traceback, through a pipe that holds 64 KB. The main process does not read while it
            # reconnects to Redis; then it kills the children that are over their limits, some in the middle of a write,
            # and waits for the rest of that write for ever (in 4 of 54 outages of 45 s the worker hung).
            log.warning(
                "delivery interrupted, its lease brings the article back",
                article=message["id"],
                stage=stage.name,
                error=str(error),
            )
        finally:
            end_chain(self.request)
        return None

    run.__doc__ = f"""The stage {stage.name} of one article.

    Takes the record as JSON (tasks.article.Article.to_message). A bare URL is submitted to the frontier instead, so
    that `celery call` keeps to the ledger and to politeness; returns what the frontier said then.
    """
    # Not shared: the tasks of another application in this process would work with this one's runtime.
    app.task(name=stage.task, bind=True, shared=False, **limits)(run)


def _article_in(message: Message, request: Any, runtime: Runtime, stage: str) -> Article | None:
    """Return the article of a message; None where a newer version has written it, which then goes back.

    While a cluster is upgraded, a worker of the new version takes it sooner or later.
    """
    version = request.get(VERSION_HEADER) or 1
    if version <= VERSION:
        return Article.from_message(message)
    bare = Article(id=message["id"], url=message["url"], token=message["token"])
    detail = f"its message is of version {version}, this worker knows {VERSION}"
    runtime.runner.put_back(bare, stage, reason="newer_version", detail=detail)
    return None


def _count_wait(runtime: Runtime, request: Any) -> None:
    published = request.get("published")
    if isinstance(published, float):
        runtime.meter.waited(request.delivery_info.get("routing_key") or "", time.time() - published)


def _take_in_place(request: Any) -> list[str]:
    """Take the links off the request's chain that belong on the queue it was delivered on; return their stages."""
    here = request.delivery_info.get("routing_key")
    links, names = links_of(request), []
    while links and queue_of(links[-1]) == here and links[-1]["task"] in _STAGE_OF:
        names.append(_STAGE_OF[links.pop()["task"]])
    return names
