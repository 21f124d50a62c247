"""The stages as Celery tasks, `tasks.fetch` and so on; their messages are standard Celery chains.

A task runs its stage, then the following stages of the same queue in place, then publishes the rest of the chain. So
the routing alone decides which stages are a hop through Redis.
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
from workers.ledger.known_rows import KnownRows
from workers.ledger.submit import submit_one

log = structlog.get_logger(__name__)

_STAGE_OF = {stage.task: stage.name for stage in STAGES}


def register(app: Celery, runtime: Runtime) -> None:
    """Register a task for each stage on `app`."""
    for stage in STAGES:
        _register(app, runtime, stage)


def _register(app: Celery, runtime: Runtime, stage: Stage) -> None:
    limits: dict[str, Any] = {}
    if stage.pool is Pool.PROCESSES:  # threads have no time limits; their stages have deadlines of their own
        settings = runtime.settings
        limits = {"soft_time_limit": settings.soft_limit, "time_limit": settings.hard_limit}

    def run(self: Task, message: Message | str) -> str | None:
        if isinstance(message, str):
            return submit_one(runtime.frontier, message, KnownRows(runtime.store, log.warning))
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
                "Cannot reach Redis, the article comes back with its lease",
                article=message["id"],
                stage=stage.name,
                error=str(error),
            )
        finally:
            end_chain(self.request)
        return None

    run.__doc__ = f"""The stage {stage.name} of one article.

    The argument is the record as JSON (tasks.article.Article.to_message). A URL is submitted to the frontier instead, so
    that `celery call` respects the ledger and the hosts' limits; the result is the frontier's answer then.
    """
    # Not shared: other applications in this process would get tasks with this one's runtime.
    app.task(name=stage.task, bind=True, shared=False, **limits)(run)


def _article_in(message: Message, request: Any, runtime: Runtime, stage: str) -> Article | None:
    """Return the article of a message; None if a newer version wrote the message: the article is put back then.

    During a rolling upgrade a worker of the new version gets it sooner or later.
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
    """Remove the tasks from the request's chain that belong on the queue it came from; return their stages."""
    here = request.delivery_info.get("routing_key")
    links, names = links_of(request), []
    while links and queue_of(links[-1]) == here and links[-1]["task"] in _STAGE_OF:
        names.append(_STAGE_OF[links.pop()["task"]])
    return names
