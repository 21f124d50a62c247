"""Invalid messages: what stood in a queue, or in the ledger, and nobody can read. They are kept for people, a bounded number."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from workers.ledger.redis_client import RedisClient
from workers.ledger.scripts import Scripts
from workers.output.printable import printable
from workers.times import iso_ms

#: Bytes of a message that are kept: a whole one of newsmill's is smaller. 100 are kept (lua/prelude.lua, MOST_INVALID), so
#: all of them take 0.5 MB at most.
SHOWN_BYTES = 4096
#: Characters of what is said about it.
_DETAIL = 200
#: Milliseconds of the year 9999, after which no time can be shown.
_LATEST = 253_370_764_800_000


@dataclass(frozen=True, slots=True)
class InvalidMessage:
    """A message that nobody can read; all in it may be whatever somebody wrote."""

    #: When it was set aside, in milliseconds since the epoch, on Redis's clock.
    at: int
    #: Where it stood: the queue, or the part of the ledger.
    queue: str
    #: What kind of fault it has (workers/delivery/message_check.py, `FAULTS`), and which.
    reason: str
    detail: str
    #: Bytes of the whole.
    size: int
    #: Its beginning.
    message: bytes

    def as_json(self) -> dict[str, Any]:
        """Return it as JSON types; bytes that are no UTF-8 as escapes."""
        names = ("queue", "reason", "detail", "size")
        return {
            "at": iso_ms(self.at),
            **{name: getattr(self, name) for name in names},
            "message": self.message.decode("utf-8", "backslashreplace"),
        }


class InvalidMessages:
    """The invalid messages of the ledger under `prefix`. Methods raise redis.RedisError."""

    def __init__(self, redis: RedisClient, prefix: str) -> None:
        self._redis = redis
        self._list, self._counts = f"{prefix}invalid", f"{prefix}invalid:counts"
        self._run = Scripts(redis, prefix).run

    def keep(self, queue: str, reason: str, detail: str, message: bytes) -> None:
        """Keep the beginning of a message in place of the oldest of too many, and count it."""
        said = " ".join(detail.split())[:_DETAIL]
        known = f"{len(message)}\n{queue}\n{reason}\n{said}\n".encode("utf-8", "replace")
        self._run("set_aside", queue, reason, known + message[:SHOWN_BYTES])

    def kept(self) -> list[InvalidMessage]:
        """Return those that are kept, the newest last."""
        return [found for item in self._redis.lrange(self._list, 0, -1) if (found := _parsed(item))]

    def counts(self) -> Mapping[tuple[str, str], int]:
        """Return how many there were by queue and reason, those that are no longer kept, too."""
        found = {}
        for name, number in self._redis.hgetall(self._counts).items():
            queue, _, reason = name.decode("utf-8", "replace").partition("\n")
            found[queue, reason] = int(number) if number.isdigit() else 0
        return found

    def forget(self) -> int:
        """Delete those that are kept; return how many. They stay counted."""
        pipe = self._redis.pipeline(transaction=False)  # a full Redis refuses transactions
        pipe.llen(self._list)
        pipe.delete(self._list)
        return int(pipe.execute()[0])


def _parsed(item: bytes) -> InvalidMessage | None:
    """Return the message in an item of the list; None for what is none."""
    try:
        at, size, queue, reason, detail, message = item.split(b"\n", 5)
        said = [printable(one.decode("utf-8", "replace")) for one in (queue, reason, detail)]
        return InvalidMessage(min(int(at), _LATEST), said[0], said[1], said[2], int(size), message)
    except (ValueError, OverflowError):
        return None
