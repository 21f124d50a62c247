"""kombu's keys in Redis, and the messages in them: every name that newsmill reads or deletes by itself.

What and why: kombu tells how long a queue is (`Channel._size`), but not which articles wait in it, which message copies
were left by dead workers, or how to drop everything that a run has left. So newsmill reads kombu's keys:
- `<prefix>celery:<queue>`: the list of a queue, one JSON message an item. Messages of another priority than 0, which
  newsmill does not publish, would be in lists with a suffix.
- `<prefix>celery:unacked`: a hash of delivery tag to `[message, exchange, routing key]` as JSON, the copy of each message
  that a worker has taken and not acknowledged; `<prefix>celery:unacked_index`: a sorted set of the tags by time.
- A message's `body` is base64 of JSON, `[args, kwargs, embedded]` (Celery's message protocol 2).
`global_keyprefix`, `unacked_key` and `unacked_index_key` are documented transport options: newsmill chooses these three
names. The name of a queue's list, the layouts and the encoding are kombu's alone.
Figure: none; without this, leases of waiting articles run out, and dead workers' copies stay in Redis.
Versions: kombu 5.7 (`>=5.7,<5.8` in pyproject.toml).
When it is gone: nothing fails. Queue lengths are shown as 0, articles that wait longer than a lease are published
again, copies pile up in Redis. The canaries in tests/integration/test_compat_kombu.py publish, take and acknowledge a
message, and compare all keys of Redis with these names.
"""

import base64
import json
from collections.abc import Mapping
from typing import Any

from tasks.article import is_article_id
from workers.ledger.redis_client import RedisClient

_UNACKED, _UNACKED_INDEX = "unacked", "unacked_index"
#: What reading may raise where somebody else has written.
_UNREADABLE = (ValueError, TypeError, KeyError, IndexError, RecursionError)
#: A large item stays in Redis: a worker takes it out (workers/delivery/inbox.py).
_SMALL = """
if redis.call('TYPE', KEYS[1]).ok ~= 'list' then return {} end
local small = {}
for _, item in ipairs(redis.call('LRANGE', KEYS[1], 0, -1)) do
  if #item <= tonumber(ARGV[1]) then small[#small + 1] = item end
end
return small
"""


def transport_options(prefix: str) -> Mapping[str, str]:
    """Return the options that make kombu use these names (`broker_transport_options`); `prefix` is newsmill's own."""
    return {
        "global_keyprefix": _kombu_prefix(prefix),
        "unacked_key": _UNACKED,
        "unacked_index_key": _UNACKED_INDEX,
    }


def queue_key(prefix: str, queue: str) -> str:
    """Return the key of a queue: a list, its next message last."""
    return _kombu_prefix(prefix) + queue


def unacked_keys(prefix: str) -> tuple[str, str]:
    """Return the keys of the hash of message copies by delivery tag, and of their index by time."""
    return _kombu_prefix(prefix) + _UNACKED, _kombu_prefix(prefix) + _UNACKED_INDEX


def all_keys(prefix: str) -> str:
    """Return the pattern of all of kombu's keys: queues, copies, bindings, locks."""
    return _kombu_prefix(prefix) + "*"


def small_items(redis: RedisClient, key: str, largest: int) -> list[bytes]:
    """Return the items of a queue that have at most so many bytes, given its key; what is no list has none."""
    found: list[bytes] = redis.eval(_SMALL, 1, key, largest)
    return found


def article_in_queue(item: bytes) -> dict[str, Any] | None:
    """Return the article's record in an item of a queue; None for an item without one: `celery call`, or anything else."""
    try:
        return _article_of(json.loads(item))
    except _UNREADABLE:
        return None


def article_in_copy(copy: bytes) -> dict[str, Any] | None:
    """Return the article's record in the copy of a message; None for a message without one (`celery call`).

    Raises ValueError for what is no copy of a message.
    """
    try:
        return _article_of(json.loads(copy)[0])
    except _UNREADABLE as error:
        raise ValueError(f"not a copy of a message: {error}") from error


def _kombu_prefix(prefix: str) -> str:
    return prefix + "celery:"


def _article_of(message: dict[str, Any]) -> dict[str, Any] | None:
    args = json.loads(base64.b64decode(message["body"]))[0]
    record = args[0] if args else None
    if not isinstance(record, dict):
        return None
    if not is_article_id(record["id"]):
        raise ValueError("not the id of an article")
    return record
