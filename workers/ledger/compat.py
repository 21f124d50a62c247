"""redis-py's insides: a client whose commands go straight to a connection.

What and why: `Redis.execute_command` measures and counts for OpenTelemetry, also where nobody asks, and knows commands
that newsmill has no use for. `DirectRedis` takes a connection, sends and reads.
Figure: 75 us of CPU for a script, of which 31 are the connection's; redis-py's own way takes 103. An article takes six
calls of a worker, and kombu's channel some ten more (workers/delivery/compat/kombu_transport.py).
Versions: redis-py 8 (`>=8,<9` in pyproject.toml).
When it is gone: `connection_pool.get_connection()`, `connection.retry`, `send_command`, `send_packed_command`,
`pack_commands` and `read_response` are what redis-py's own `execute_command` calls; if one is renamed, every command
fails at once, and tests/unit/test_compat_redis.py with it. Deleting the class loses 28 us a command and nothing else.
"""

from collections.abc import Callable
from typing import Any

from redis import Redis
from redis.exceptions import RedisError, ResponseError


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
