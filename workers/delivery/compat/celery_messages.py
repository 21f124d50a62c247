"""Celery's way of publishing: the one private call that messages need.

What and why: `app.amqp._retry_publish` (celery.app.amqp.AMQP) is what Celery's own `apply_async` publishes the next
task of a chain by: it tries again by `task_publish_retry_policy`. `argsrepr_maxsize` bounds what it notes of arguments.
Versions: Celery 5.7 (pyproject.toml).
When it is gone: publishing raises AttributeError at once, and tests/integration/test_messages.py fails.
"""

from typing import Any

from celery import Celery

#: Characters of the arguments that Celery notes of messages that are not newsmill's own (`celery call`), for Flower.
_SHOWN = 64


def bound_arguments(app: Celery) -> None:
    """Keep what Celery notes of a message's arguments short."""
    app.amqp.argsrepr_maxsize = _SHOWN


def publish_with_retry(app: Celery, producer: Any, task: str, message: Any, queue: str) -> None:
    """Publish a message as Celery does the next of a chain; kombu.exceptions.OperationalError once it gives up."""
    app.amqp._retry_publish(  # noqa: SLF001 - see above
        app.amqp.send_task_message, producer, task, message, queue=queue, declare=[]
    )
