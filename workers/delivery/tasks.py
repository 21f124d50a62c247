"""The stages as Celery tasks: `tasks.fetch` and so on, a standard chain on the wire.

A task runs its stage and then, in place, the stages after it whose queue is the one it was delivered on; then it
publishes the rest of the chain. So routing alone decides what is a hop through Redis.
"""

import time
from collections.abc import Callable
from typing import Any

import structlog
from celery import Celery, Task
from kombu.exceptions import OperationalError
from redis.exceptions import RedisError

from tasks.article import Article
from tasks.pipeline import STAGES
from tasks.stage import Pool, Stage
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
        watch = _announcer(self) if runtime.settings.task_events else None
        try:
            article = _article_in(message, self.request, runtime, stage.name)
            if article is None:
                return None
            onward = runtime.runner.deliver(article, names, more=bool(self.request.chain), watch=watch)
            if onward is not None:
                pass_on(app, self.request, onward)
        except (RedisError, OperationalError) as error:
            # Its lease brings it back. Nothing is raised: what a task raises goes to the worker's main process with its
            # traceback, through a pipe that holds 64 KB. That process does not read while it looks for its Redis, and
            # then ends, by a signal, what is over its limits: in the middle of what it writes, so that nobody can read
            # the rest (in 4 of 54 outages of 45 s, and the worker did nothing more).
            log.warning("delivery broken off", article=message["id"], stage=stage.name, error=str(error))
        finally:
            # Celery has nothing left to publish.
            self.request.chain = None
        return None

    run.__doc__ = f"""The stage {stage.name} of one article.

    Takes the record as JSON (tasks.article.Article.to_message). A bare URL is submitted to the frontier instead, so
    that `celery call` keeps to the ledger and to politeness; returns what the frontier said then.
    """
    # Not shared: the tasks of another application in this process would work with this one's runtime.
    app.task(name=stage.task, bind=True, shared=False, **limits)(run)


def _article_in(message: Message, request: Any, runtime: Runtime, stage: str) -> Article | None:
    """Return the article of a message; None for a message of a newer version, whose article goes back.

    While a cluster is upgraded, a worker of the new version gets it sooner or later.
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
    """Take the links off the request's chain that belong on the queue it was delivered on; their stages."""
    here = request.delivery_info.get("routing_key")
    links, names = request.chain or [], []
    # The chain is kept last link first.
    while links and links[-1]["options"].get("queue") == here and links[-1]["task"] in _STAGE_OF:
        names.append(_STAGE_OF[links.pop()["task"]])
    return names


def _announcer(task: Task) -> Callable[[str], Callable[[], None]]:
    """Return a watch that sends the task events of stages in place, so that Flower shows all of them."""
    dispatcher = task.app.events.default_dispatcher
    request = task.request

    def announce(name: str) -> Callable[[], None]:
        uuid = f"{request.id}.{name}"
        began = time.perf_counter()
        with dispatcher(hostname=request.hostname) as events:
            events.send(
                "task-received",
                uuid=uuid,
                name=f"tasks.{name}",
                args="()",
                kwargs="{}",
                root_id=request.root_id,
                parent_id=request.id,
                retries=0,
                eta=None,
                expires=None,
            )
            events.send("task-started", uuid=uuid)

        def ended() -> None:
            with dispatcher(hostname=request.hostname) as events:
                events.send("task-succeeded", uuid=uuid, result="", runtime=time.perf_counter() - began)

        return ended

    return announce
