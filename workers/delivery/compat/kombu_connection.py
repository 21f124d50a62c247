"""kombu's connection: it looks for a Redis that is away every second.

What and why: `kombu.Connection.ensure_connection` waits for 2, 4, ... up to 30 s between two tries; Celery gives it no
pauses of its own when a worker reconnects.
Figure: a worker is back 1 s after its Redis, not up to 30 s (tests/faults, "kill -9 Redis").
Versions: kombu 5.7 (pyproject.toml).
When it is gone: `app.amqp.Connection` is where Celery takes the class of its connections from. If Celery stops asking
there, workers come back up to 30 s late; the canary sees that the class is not used.
"""

from typing import Any

from celery import Celery
from kombu.connection import Connection

#: Seconds between two tries to reach Redis.
_RECONNECT_EVERY = 1.0


def reconnect_fast(app: Celery) -> None:
    """Make all connections of `app` `FastReconnect` ones."""
    app.amqp.Connection = FastReconnect


class FastReconnect(Connection):
    """A connection that is back within a second of its Redis."""

    def ensure_connection(self, *args: Any, **options: Any) -> Any:
        """Return the connection once it is there (kombu.Connection.ensure_connection)."""
        pauses = {"interval_start": _RECONNECT_EVERY, "interval_step": 0, "interval_max": _RECONNECT_EVERY}
        return super().ensure_connection(*args, **{**pauses, **options})  # type: ignore[no-untyped-call]
