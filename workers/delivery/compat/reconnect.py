"""Where Celery and kombu are slow to notice: a process of the pool that died, a Redis that is back."""

from typing import Any

from kombu.connection import Connection

#: Seconds between two looks at a process that is about to be gone.
_LOOK_AGAIN = 0.05
#: Seconds between two tries to reach Redis.
_RECONNECT_EVERY = 1.0


def noticing_deaths(pool: type) -> type:
    """Return the prefork pool's class, made to notice at once that one of its processes has died.

    A process's pipe is closed a moment before the process can be waited for. Celery looks once, when the pipe is
    closed, may find the process still there, and next looks when a timer says so, up to 5 s later; its article waits.
    """

    class NoticingPool(pool):  # type: ignore[misc]
        def _event_process_exit(self, hub: Any, proc: Any) -> None:
            super()._event_process_exit(hub, proc)
            if proc in self._pool:
                hub.call_later(_LOOK_AGAIN, self._event_process_exit, hub, proc)

    return NoticingPool


class PromptConnection(Connection):
    """A connection that is back within a second of its Redis. kombu's own waits for 2, 4, ... up to 30 s."""

    def ensure_connection(self, *args: Any, **options: Any) -> Any:
        """Return the connection once it is there (kombu.Connection.ensure_connection)."""
        pauses = {"interval_start": _RECONNECT_EVERY, "interval_step": 0, "interval_max": _RECONNECT_EVERY}
        return super().ensure_connection(*args, **{**pauses, **options})  # type: ignore[no-untyped-call]
