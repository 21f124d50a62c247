"""redis-py: a client that sends commands straight to a connection, and never reads the reply to another command.

What and why: `DirectRedis` overrides `Redis.execute_command`.
- A task's soft time limit is an exception that may be raised anywhere, also after a command was sent and before its reply
  is read. redis-py then puts the connection back into its pool, and the next command reads that reply as its own: the pool
  looks for unread data only where maintenance notifications are off, and only for data that has arrived. `DirectRedis`
  closes such a connection.
- redis-py measures each command for OpenTelemetry, also where that is not set up.
It calls what redis-py's own `execute_command` calls: `connection_pool.get_connection` and `.release`, `connection.retry`,
`.send_command`, `.disconnect`, and `parse_response`. All of these are public names.
Figure: it mends a fault. Beside that, 5 to 17 us of CPU less a command (single calls in turns in one process), and some 40
us in workers (benchmark of workers in turns, 6 rounds on a busy machine): .3 ms a page for its eight commands, 1.5 to 2 %
of 20 ms. That is under 3 %, but with what was taken out of workers/delivery/compat/ the removals would come to more.
Versions: redis-py 8 (`>=8,<9` in pyproject.toml).
When it is gone: a renamed method makes every command fail at once. If commands stop going through `execute_command`, an
interrupted one may spoil the next, silently. The canaries in tests/integration/test_compat_redis.py interrupt one, and
see that commands and scripts go through it.
"""

from typing import Any

from redis import Redis
from redis.exceptions import RedisError


class DirectRedis(Redis):
    """A client whose commands go straight to a connection; connections, retries and replies are redis-py's."""

    def execute_command(self, *args: Any, **options: Any) -> Any:
        """Send a command and return its reply (redis.Redis.execute_command)."""
        pool: Any = self.connection_pool
        connection = pool.get_connection()
        try:
            return connection.retry.call_with_retry(
                lambda: self._ask(connection, args, options), lambda _: connection.disconnect()
            )
        except RedisError:
            raise
        except BaseException:
            # Interrupted before its reply was read: that would be read as the next command's.
            connection.disconnect()
            raise
        finally:
            pool.release(connection)

    def _ask(self, connection: Any, args: tuple[Any, ...], options: dict[str, Any]) -> Any:
        connection.send_command(*args, **options)
        return self.parse_response(connection, args[0], **options)  # type: ignore[no-untyped-call]
