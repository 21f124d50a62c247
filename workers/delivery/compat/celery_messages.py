"""Celery's messages (protocol 2): the first of a chain, the next of a chain, and the rest of the chain in a request.

What and why: `celery.chain` and `Signature.apply_async` copy and freeze a signature for each task of a chain, when the
chain is published and once more at each hop. newsmill calls what they call in the end:
- `app.amqp.as_task_v2` (celery.app.amqp.AMQP) builds a message, `app.amqp.send_task_message` publishes it, and
  `app.thread_oid` is its `reply_to`. Public names without documentation.
- `app.amqp._retry_publish` (private): Celery publishes the next task of a chain through it, so that a Redis that
  refuses is tried again by `task_publish_retry_policy`.
- `request.chain` (celery.app.task.Context): the tasks that are still to come, as serialised signatures, the last task
  first. Celery publishes what a task leaves there.
- `app.amqp.argsrepr_maxsize`: how much of a message's arguments Celery notes for Flower.
Figure: .74 and .19 ms of CPU less, for the first and for the next message of an article: 4.7 % of a page's 20 ms (thread
CPU of single calls in turns in one process, medians of 100 blocks of 20: 1.01 to .27 and .42 to .23 ms).
Building the headers by hand, as newsmill did before, saves .01 ms more and was taken out.
Versions: Celery 5.7 (`>=5.7,<5.8` in pyproject.toml).
When it is gone: publishing raises AttributeError or TypeError at once. A layout that changes would be published wrong;
tests/integration/test_messages.py compares each message with Celery's own, and tests/integration/test_compat_celery.py
sees that a real worker hands over `request.chain`.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from celery import Celery, uuid

#: A task that is still to come, as a message carries it: a serialised signature.
Link = dict[str, Any]

#: Characters of the arguments that Celery notes of messages that are not newsmill's own (`celery call`), for Flower.
_SHOWN = 64


def bound_arguments(app: Celery) -> None:
    """Keep what Celery notes of a message's arguments short."""
    app.amqp.argsrepr_maxsize = _SHOWN


def chain_links(app: Celery, tasks: Sequence[tuple[str, str]]) -> list[Link]:
    """Return the rest of a chain, of (task, queue) in the order of their run, as a message carries it: last task first."""
    return [
        {
            "task": task,
            "args": [],
            "kwargs": {},
            "options": {"queue": queue, "task_id": uuid(), "reply_to": app.thread_oid},
            "subtask_type": None,
            "immutable": False,
        }
        for task, queue in reversed(tasks)
    ]


def task_message(app: Celery, task: str, argument: Any, links: Sequence[Link], **options: Any) -> Any:
    """Return a message for `task` with one argument and the tasks after it; `options` as for AMQP.as_task_v2.

    Those are `task_id`, `root_id`, `parent_id`, and `argsrepr`, which Flower shows.
    """
    return app.amqp.as_task_v2(
        name=task,
        args=(argument,),
        chain=links,
        kwargsrepr="{}",
        ignore_result=True,
        reply_to=app.thread_oid,
        create_sent_event=app.conf.task_send_sent_event,
        **options,
    )


def publish_first(
    app: Celery, task: str, message: Any, queue: str, headers: Mapping[str, Any], *, producer: Any = None
) -> None:
    """Publish the first message of a chain; kombu.exceptions.OperationalError where that fails."""
    with app.producer_or_acquire(producer) as ready:
        app.amqp.send_task_message(ready, task, message, queue=queue, declare=[], headers=headers)


def publish_next(app: Celery, task: str, message: Any, queue: str, headers: Mapping[str, Any]) -> None:
    """Publish the next message of a chain.

    Tries for as long as `task_publish_retry_policy` says, then raises kombu.exceptions.OperationalError.
    """
    with app.producer_or_acquire() as ready:
        app.amqp._retry_publish(  # noqa: SLF001 - see above
            app.amqp.send_task_message, ready, task, message, queue=queue, declare=[], headers=headers
        )


def links_of(request: Any) -> list[Link]:
    """Return the links of a task's request, last task first; what is taken off this list is not published."""
    return request.chain or []


def queue_of(link: Link) -> str | None:
    """Return the queue that a link is to be published on."""
    queue: str | None = link["options"].get("queue")
    return queue


def end_chain(request: Any) -> None:
    """Leave Celery nothing to publish after the task."""
    request.chain = None
