"""kombu's connection: a worker that has lost its Redis tries to connect every second; the URL of Redis for whoever asks.

What and why: `kombu.Connection.ensure_connection` (public) waits for 2, 4, ... up to 30 s between two tries, and Celery
gives it no other pauses when a worker reconnects.
- `kombu.Connection.as_uri` (public): Celery's URL has no password (kombu_transport.py). Flower connects to Redis by
  `as_uri(include_password=True)`.
- `app.amqp.Connection` (celery.app.amqp.AMQP): the class that Celery makes its connections of.
Connections of kombu's pool are not of this class (`PooledConnection`); messages are published on those, by
`task_publish_retry_policy`, which has its own pauses.
Figure: it mends a fault. Workers consume again within the 10 s that docs/faults.md promises, where a pause alone may be
30 s.
Versions: Celery and kombu 5.7 (`>=5.7,<5.8` in pyproject.toml).
When it is gone: workers reconnect up to 30 s late, silently, and Flower does not show the lengths of queues. The canaries in tests/integration/test_compat_celery.py see
that Celery's connections are of this class, and that a real worker calls `ensure_connection`.
"""

from typing import Any

from celery import Celery
from kombu.connection import Connection

#: Seconds between two tries to connect to Redis.
_RECONNECT_EVERY = 1.0


def reconnect_fast(app: Celery) -> None:
    """Make the connections of `app`, but for pooled ones, of `FastReconnect`."""
    app.amqp.Connection = FastReconnect


class FastReconnect(Connection):
    """A connection that is tried again every second."""

    def ensure_connection(self, *args: Any, **options: Any) -> Any:
        """Return this connection once it is established (kombu.Connection.ensure_connection)."""
        pauses = {"interval_start": _RECONNECT_EVERY, "interval_step": 0, "interval_max": _RECONNECT_EVERY}
        return super().ensure_connection(*args, **{**pauses, **options})  # type: ignore[no-untyped-call]

    def as_uri(self, include_password: Any = False, *rest: Any, **options: Any) -> str:
        """Return the URL, that of the settings where the password is asked for (kombu.Connection.as_uri)."""
        address = (self.transport_options or {}).get("address")
        if include_password and address is not None:
            return str(address.url)
        return super().as_uri(include_password, *rest, **options)
