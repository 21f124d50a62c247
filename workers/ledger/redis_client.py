"""The connection to Redis: who waits for one that is away, and who fails at once."""

from collections.abc import Callable
from typing import Any

from redis import Redis
from redis.backoff import ExponentialBackoff
from redis.exceptions import (  # redis's own names
    BusyLoadingError,
    ConnectionError,  # noqa: A004
    RedisError,
    ResponseError,
    TimeoutError,  # noqa: A004
)
from redis.retry import Retry

from workers.settings import Settings

#: A client whose replies are bytes. redis-py types them `bytes | str`, whatever the client was told to decode.
RedisClient = Any

#: A worker rides out a Redis that is away for this many tries of up to a second: about 25 s.
PATIENT_TRIES = 28


class DirectRedis(Redis):
    """A client whose commands go straight to a connection: 75 us of CPU for a script, of which 31 are the connection's.

    redis-py's way there takes 103: it measures and counts for OpenTelemetry, also where nobody asks, and knows commands
    that newsmill has no use for. Connections, retries and replies are redis-py's.
    """

    def execute_command(self, *args: Any, **options: Any) -> Any:
        """Send a command and return its reply (redis.Redis.execute_command)."""
        return self._with_connection(lambda connection: self._ask(connection, args, options))

    def send_together(self, *commands: tuple[Any, ...]) -> None:
        """Send commands in one packet, in no transaction; raises the first error that one of them is answered with."""
        self._with_connection(lambda connection: self._send_together(connection, commands))

    def _with_connection(self, work: Callable[[Any], Any]) -> Any:
        pool: Any = self.connection_pool
        connection = pool.get_connection()
        try:
            return connection.retry.call_with_retry(
                lambda: work(connection), lambda _: connection.disconnect()
            )
        except RedisError:
            raise
        except BaseException:
            # A limit of the task's time, say, between question and answer: the answer would be the next command's.
            connection.disconnect()
            raise
        finally:
            pool.release(connection)

    def _send_together(self, connection: Any, commands: tuple[tuple[Any, ...], ...]) -> None:
        connection.send_packed_command(connection.pack_commands(commands))
        errors = []
        for _ in commands:
            try:
                connection.read_response()
            except ResponseError as error:
                errors.append(error)
        if errors:
            raise errors[0]

    def _ask(self, connection: Any, args: tuple[Any, ...], options: dict[str, Any]) -> Any:
        connection.send_command(*args, **options)
        return self.parse_response(connection, args[0], **options)  # type: ignore[no-untyped-call]


def connect(settings: Settings, *, patient: bool = False, url: str | None = None) -> RedisClient:
    """Return a client of the settings' Redis, or of `url`; `patient` ones wait for one that restarts, others fail."""
    retry = (
        Retry(ExponentialBackoff(cap=1, base=0.05), PATIENT_TRIES)
        if patient
        else Retry(ExponentialBackoff(), 0)
    )
    return DirectRedis.from_url(
        url or settings.redis_url.get_secret_value(),
        socket_timeout=30,
        socket_connect_timeout=5,
        socket_keepalive=True,
        health_check_interval=25,
        retry=retry,
        retry_on_error=[ConnectionError, TimeoutError, BusyLoadingError] if patient else [],
    )
