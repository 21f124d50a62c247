"""What stands between a worker's queues and Celery: invalid messages are taken out, kept for people, counted and logged."""

from collections.abc import Container
from functools import cached_property

import structlog
from redis.exceptions import RedisError

from tasks.pipeline import STAGES
from workers.delivery.message_check import InvalidMessageError, check_message
from workers.delivery.queues import stages_by_queue
from workers.ledger.invalid import InvalidMessages
from workers.ledger.redis_client import connect
from workers.settings import Settings

#: Seconds that Redis may take to keep an invalid message.
_PATIENCE = 2.0

log = structlog.get_logger(__name__)


class Inbox:
    """Checks the messages of the stages' queues; other queues are Celery's own (replies to `celery inspect`)."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._queues: Container[str] = frozenset(stages_by_queue(settings))
        self._tasks = frozenset(stage.task for stage in STAGES)

    def takes(self, queue: str, item: bytes) -> bool:
        """Return whether an item of a queue may go on to Celery; keep it for people if it must not."""
        if queue not in self._queues:
            return True
        try:
            check_message(item, self._tasks)
        except InvalidMessageError as invalid:
            self._set_aside(queue, invalid, item)
            return False
        return True

    def refuse(self, queue: str, item: bytes, error: Exception) -> None:
        """Keep a message that the check has let through, and Celery could not take."""
        if queue in self._queues:
            self._set_aside(
                queue, InvalidMessageError("unexpected", f"{type(error).__name__}: {error}"), item
            )

    def _set_aside(self, queue: str, invalid: InvalidMessageError, item: bytes) -> None:
        """Keep an invalid message for people. Its article, if it had one, comes back with its lease."""
        log.warning(
            "Took an invalid message out of a queue", queue=queue, fault=invalid.fault, detail=invalid.detail
        )
        try:
            self._kept.keep(queue, invalid.fault, invalid.detail, item)
        except RedisError as error:
            log.warning("Cannot keep an invalid message", error=str(error), beginning=repr(item[:200]))

    @cached_property
    def _kept(self) -> InvalidMessages:
        return InvalidMessages(connect(self._settings, timeout=_PATIENCE), self._settings.key_prefix)
