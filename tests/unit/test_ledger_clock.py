"""The time by Redis's clock, whatever that of the machine says."""

import time

import pytest
from redis.exceptions import ConnectionError as RedisConnectionError

from workers.ledger.clock import RedisClock


class Redis:
    def __init__(self) -> None:
        self.asked = 0
        self.is_away = False

    def time(self) -> tuple[int, int]:
        if self.is_away:
            raise RedisConnectionError("away")
        self.asked += 1
        return 1_000_000, 250_000


def test_the_time_is_that_of_redis_and_it_is_asked_once_a_minute(monkeypatch: pytest.MonkeyPatch) -> None:
    redis, now = Redis(), 50.0
    monkeypatch.setattr(time, "monotonic", lambda: now)
    clock = RedisClock(redis)
    assert clock.time() == 1_000_000.25
    now += 59
    assert (clock.time(), redis.asked) == (1_000_059.25, 1)
    now += 2
    assert (clock.time(), redis.asked) == (1_000_000.25, 2)


def test_a_redis_that_is_away_leaves_what_was_known(monkeypatch: pytest.MonkeyPatch) -> None:
    redis, now = Redis(), 50.0
    monkeypatch.setattr(time, "monotonic", lambda: now)
    monkeypatch.setattr(time, "time", lambda: 7.0)
    clock = RedisClock(redis)
    redis.is_away = True
    assert clock.time() == 7.0
    redis.is_away = False
    clock.time()
    redis.is_away = True
    now += 100
    assert clock.time() == 1_000_100.25
