"""kombu's copies of messages that a worker took and never acknowledged: the scheduler deletes them.

What and why: kombu copies each message that a worker takes into a hash, and puts the copies of dead workers back into
their queue once they are older than the visibility timeout, by the clock of any worker: a wrong clock would deliver
everything twice. newsmill's leases bring articles back instead, as new messages, so the visibility timeout is a day
(celery_app.py) and the copies that dead workers leave are deleted here, by the names in kombu_keys.py.
Figure: none; each copy is a message of up to 4 KB in Redis.
Versions: kombu 5.7 (`>=5.7,<5.8` in pyproject.toml).
When it is gone: copies stay for a day, then kombu delivers them again, and the ledger refuses them as stale. The
canaries of the names are in tests/integration/test_compat_kombu.py.
"""

from collections.abc import Mapping

from workers.delivery.compat.kombu_keys import article_in_copy, unacked_keys
from workers.ledger.frontier import Frontier
from workers.ledger.invalid import InvalidMessages
from workers.ledger.redis_client import RedisClient


def forget_stale(redis: RedisClient, prefix: str, frontier: Frontier) -> int:
    """Delete the copies whose article has no lease with the copy's token any more; return how many.

    What is no copy of a message is kept for people (workers/ledger/invalid.py) and deleted, too. Copies of messages without
    an article (`celery call`) stay. Entries of the index without a copy are deleted, too: a
    process that dies while it takes a message may leave one (kombu_transport.py). Raises redis.RedisError.
    """
    copies_key, index_key = unacked_keys(prefix)
    # The index first: a message that is taken between the two reads would else look like an entry without a copy.
    indexed = redis.zrange(index_key, 0, -1)
    copies = redis.hgetall(copies_key)
    tokens = {lease.article.id: lease.article.token for lease in frontier.leased()} if copies else {}
    stale = []
    for tag, copy in copies.items():
        try:
            if _is_stale(copy, tokens):
                stale.append(tag)
        except ValueError as error:
            InvalidMessages(redis, prefix).keep("unacked", "envelope", str(error), copy)
            stale.append(tag)
    gone = [*stale, *(tag for tag in indexed if tag not in copies)]
    if gone:
        # No transaction: a full Redis refuses those, even of deletions.
        pipe = redis.pipeline(transaction=False)
        pipe.hdel(copies_key, *gone)
        pipe.zrem(index_key, *gone)
        pipe.execute()
    return len(stale)


def _is_stale(copy: bytes, tokens: Mapping[str, int]) -> bool:
    article = article_in_copy(copy)
    return article is not None and tokens.get(article["id"]) != article.get("token")
