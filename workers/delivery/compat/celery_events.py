"""Celery's task events for stages that run in place, so that Flower shows each stage of an article as a task.

What and why: Celery sends events for the tasks that it delivers. A stage that runs in place has no message, so newsmill
sends its three events: `task-received`, `task-started`, `task-succeeded`, with the fields of Celery's event reference.
- `app.events.default_dispatcher` (celery.app.events.Events), which Celery's own Task.send_event uses.
- `request.hostname`, `.root_id`, `.id` (celery.app.task.Context).
Figure: none; only with NEWSMILL_TASK_EVENTS.
Versions: Celery 5.7 (`>=5.7,<5.8` in pyproject.toml).
When it is gone: tasks fail with AttributeError where task events are on; tests/integration/test_compat_celery.py
sends and receives the events.
"""

import time
from collections.abc import Callable

from celery import Task


def stage_events(task: Task) -> Callable[[str], Callable[[], None]]:
    """Return a function that announces the start of a stage that runs in place in `task`.

    It takes the stage's name and returns a function that announces the stage's end.
    """
    dispatcher = task.app.events.default_dispatcher
    request = task.request

    def started(name: str) -> Callable[[], None]:
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

        def succeeded() -> None:
            with dispatcher(hostname=request.hostname) as events:
                events.send("task-succeeded", uuid=uuid, result="", runtime=time.perf_counter() - began)

        return succeeded

    return started
