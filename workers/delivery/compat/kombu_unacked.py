"""Messages that a worker took and never acknowledged: kombu keeps a copy of each, until they are forgotten here.

A worker that dies leaves its copies behind. Their articles come back with their leases, as new messages.
"""

import base64
import json
from typing import Any

from workers.ledger.frontier import Frontier
from workers.ledger.redis_client import RedisClient

#: kombu's hash of copies by delivery tag, and its index of them by time.
_COPIES, _INDEX = "celery:unacked", "celery:unacked_index"


def forget_stale(redis: RedisClient, prefix: str, frontier: Frontier) -> int:
    """Delete the copies whose articles are not leased as they say any more; how many.

    Those of messages that are no article's (`celery call`) stay.
    """
    copies = redis.hgetall(prefix + _COPIES)
    if not copies:
        return 0
    tokens = {lease.article.id: lease.article.token for lease in frontier.leased()}
    stale = [tag for tag, copy in copies.items() if _is_stale(json.loads(copy)[0], tokens)]
    if stale:
        # No transaction: a full Redis refuses those, even of deletions.
        pipe = redis.pipeline(transaction=False)
        pipe.hdel(prefix + _COPIES, *stale)
        pipe.zrem(prefix + _INDEX, *stale)
        pipe.execute()
    return len(stale)


def article_of(message: dict[str, Any]) -> dict[str, Any] | None:
    """Return the article in one of Celery's messages, None where it has none."""
    args = json.loads(base64.b64decode(message["body"]))[0]
    return args[0] if args and isinstance(args[0], dict) else None


def _is_stale(message: dict[str, Any], tokens: dict[str, int]) -> bool:
    article = article_of(message)
    return article is not None and tokens.get(article["id"]) != article.get("token")
