"""A list is submitted in batches, Redis taking one while the next is read."""

from collections.abc import Iterator
from threading import Event
from typing import Any, cast

import pytest
from redis.exceptions import ConnectionError as RedisConnectionError

from workers.ledger.entries import Submission
from workers.ledger.frontier import SUBMIT_BATCH, Frontier
from workers.ledger.submit import Submitted, submission, submit_all


class Ledger:
    """What takes batches; fails from the `broken`th on."""

    def __init__(self, broken: int = 1000) -> None:
        self.broken = broken
        self.batches: list[list[str]] = []
        self.asked = Event()

    def submit(self, batch: list[Submission], **_: Any) -> str:
        self.asked.set()
        if len(self.batches) + 1 >= self.broken:
            raise RedisConnectionError("away")
        self.batches.append([one.url for one in batch])
        return "n" * len(batch)

    @property
    def frontier(self) -> Frontier:
        return cast("Frontier", self)


def urls(count: int) -> Iterator[Submission]:
    return (submission(f"http://a.test/{number}") for number in range(count))


def test_every_entry_is_in_one_batch_in_the_order_of_the_list() -> None:
    ledger, seen = Ledger(), []
    result = submit_all(ledger.frontier, urls(2 * SUBMIT_BATCH + 1), progress=seen.append)
    assert [url for batch in ledger.batches for url in batch] == [
        one.url for one in urls(2 * SUBMIT_BATCH + 1)
    ]
    assert seen == [SUBMIT_BATCH, SUBMIT_BATCH, 1]
    assert (result.queued, result.total) == (2 * SUBMIT_BATCH + 1, 2 * SUBMIT_BATCH + 1)


def test_an_empty_list_asks_nobody() -> None:
    ledger = Ledger()
    assert submit_all(ledger.frontier, []).total == 0
    assert not ledger.batches


def test_the_next_batch_is_read_while_redis_has_the_one_before() -> None:
    ledger = Ledger()

    def source() -> Iterator[Submission]:
        yield from urls(SUBMIT_BATCH)
        assert ledger.asked.wait(30)  # would never be, if the list were read first
        yield from urls(1)

    assert submit_all(ledger.frontier, source()).total == SUBMIT_BATCH + 1


def test_an_error_of_a_batch_is_raised_and_what_went_before_it_was_told() -> None:
    ledger, seen = Ledger(broken=2), []
    with pytest.raises(RedisConnectionError):
        submit_all(ledger.frontier, urls(5 * SUBMIT_BATCH), progress=seen.append)
    assert seen == [SUBMIT_BATCH]


def test_an_entry_that_cannot_be_read_ends_the_list_after_what_went_before_it() -> None:
    ledger = Ledger()

    def source() -> Iterator[Submission]:
        yield from urls(SUBMIT_BATCH)
        raise ValueError("no URL")

    with pytest.raises(ValueError, match="no URL"):
        submit_all(ledger.frontier, source())
    assert len(ledger.batches) == 1


class Remembering(Ledger):
    """Knows what it has, and what an earlier list had."""

    def __init__(self, *earlier: str) -> None:
        super().__init__()
        self.known = {submission(url).id for url in earlier}

    def submit(self, batch: list[Submission], **_: Any) -> str:
        letters = ""
        for one in batch:
            letters += "w" if one.id in self.known else "n"
            self.known.add(one.id)
        return letters


def test_what_a_list_has_twice_is_told_from_what_was_known_before() -> None:
    ledger = Remembering("http://a.test/0")
    result = submit_all(ledger.frontier, [*urls(3), *urls(2)])
    assert result == Submitted(queued=2, in_progress=1, repeated=2)
    assert result.total == 5
