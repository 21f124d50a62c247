"""Copies of messages that a worker took: they stay as long as the lease does that they were published with."""

import base64
import json
from collections.abc import Callable
from typing import Any

from workers.delivery.compat.kombu_unacked import forget_stale
from workers.ledger.entries import Lease
from workers.ledger.frontier import Frontier
from workers.ledger.redis_client import RedisClient
from workers.ledger.submit import submission

MakeFrontier = Callable[..., Frontier]


def lease_of(frontier: Frontier, url: str) -> Lease:
    frontier.submit([submission(url)])
    (lease,) = frontier.claim(1)
    return lease


def take(redis: RedisClient, prefix: str, tag: str, argument: Any) -> None:
    """Note a message as kombu does when a worker takes it."""
    body = base64.b64encode(json.dumps([[argument], {}, {}]).encode()).decode()
    redis.hset(f"{prefix}celery:unacked", tag, json.dumps([{"body": body}, "newsmill", "fetch"]))
    redis.zadd(f"{prefix}celery:unacked_index", {tag: 1})


def left(redis: RedisClient, prefix: str) -> set[bytes]:
    copies = set(redis.hkeys(f"{prefix}celery:unacked"))
    assert copies == set(redis.zrange(f"{prefix}celery:unacked_index", 0, -1))
    return copies


def test_only_copies_whose_lease_is_gone_are_forgotten(
    make_frontier: MakeFrontier, redis: RedisClient, prefix: str, expire_leases: Callable[..., None]
) -> None:
    frontier = make_frontier()
    held, lost = lease_of(frontier, "http://a.test/1"), lease_of(frontier, "http://b.test/1")
    take(redis, prefix, "held", held.article.to_message())
    take(redis, prefix, "lost", lost.article.to_message())
    expire_leases(lost.article.id)
    frontier.reclaim()
    (again,) = frontier.claim(1)
    take(redis, prefix, "again", again.article.to_message())
    assert forget_stale(redis, prefix, frontier) == 1
    assert left(redis, prefix) == {b"held", b"again"}


def test_a_message_that_is_no_articles_stays(
    make_frontier: MakeFrontier, redis: RedisClient, prefix: str
) -> None:
    take(redis, prefix, "call", "http://a.test/1")
    assert forget_stale(redis, prefix, make_frontier()) == 0
    assert left(redis, prefix) == {b"call"}


def test_without_copies_there_is_nothing_to_forget(
    make_frontier: MakeFrontier, redis: RedisClient, prefix: str
) -> None:
    assert forget_stale(redis, prefix, make_frontier()) == 0


def test_an_entry_of_the_index_without_a_copy_is_deleted(
    make_frontier: MakeFrontier, redis: RedisClient, prefix: str
) -> None:
    frontier = make_frontier()
    held = lease_of(frontier, "http://a.test/1")
    take(redis, prefix, "held", held.article.to_message())
    redis.zadd(f"{prefix}celery:unacked_index", {"cut off": 1})
    assert forget_stale(redis, prefix, frontier) == 0
    assert left(redis, prefix) == {b"held"}
