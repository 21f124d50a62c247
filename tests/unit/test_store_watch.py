"""While the store takes no rows nothing is claimed; how long, and how soon again."""

from typing import cast

import pytest
from sqlalchemy.exc import OperationalError

from workers.delivery.store_watch import StoreWatch
from workers.ledger.frontier import Frontier
from workers.store.store import Store


class World:
    """A ledger with its note, a store, and a clock."""

    def __init__(self) -> None:
        self.noted = False
        self.writable = True
        self.now = 100.0
        self.watch = StoreWatch(cast("Frontier", self), cast("Store", self), lambda: self.now)

    def store_away(self) -> bool:
        return self.noted

    def store_back(self) -> None:
        self.noted = False

    def probe(self) -> None:
        if not self.writable:
            raise OperationalError("UPDATE", {}, Exception("read-only"))

    def paused_for(self) -> float:
        """Return how many seconds nothing is claimed from now on, to the second."""
        began = self.now
        while not self.watch.takes_rows():
            self.now += 1
            assert self.now < began + 1000
        return self.now - began


@pytest.fixture
def world() -> World:
    return World()


def test_as_long_as_no_row_has_missed_articles_are_claimed(world: World) -> None:
    assert world.paused_for() == 0


def test_nothing_is_claimed_until_a_write_of_its_own_succeeds(world: World) -> None:
    world.noted, world.writable = True, False
    for _ in range(20):
        assert not world.watch.takes_rows()
        world.now += 1
    world.writable = True
    assert world.paused_for() <= 3
    assert world.watch.takes_rows()


def test_a_store_that_answers_here_and_takes_no_rows_is_tried_ever_less(world: World) -> None:
    pauses = []
    for _ in range(10):
        world.noted = True  # a worker's article missed again
        world.now += 1
        pauses.append(world.paused_for())
    assert pauses == sorted(pauses)
    assert pauses[0] <= 2
    assert 50 <= pauses[-1] <= 61


def test_after_a_quiet_time_the_first_pause_is_short_again(world: World) -> None:
    for _ in range(6):
        world.noted = True
        world.now += 1
        world.paused_for()
    world.now += 500
    world.noted = True
    assert world.paused_for() <= 2
