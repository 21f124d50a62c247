"""Ids that change again and again, at random: nothing is lost, counted twice, or left under an old id.

Each seed submits, defers and settles URLs under one list of tracking parameters, then takes another list, several times. The
work is stopped at any step, and another scheduler claims in between.
"""

import json
import random
from collections import Counter
from collections.abc import Callable

import pytest

from tasks.article import Outcome
from tasks.url_keys import UrlKeys
from tests.conftest import PREFIX
from tests.integration.test_store import article, result
from workers.ledger import rekey as of_ledger
from workers.ledger.entries import LETTERS, Deferral, Lease
from workers.ledger.frontier import Frontier
from workers.ledger.redis_client import RedisClient
from workers.ledger.rekey import Rekeying
from workers.ledger.submit import submission, submit_all
from workers.store import rekey as of_store
from workers.store.store import Store

LISTS = [UrlKeys(["utm_*", *names]) for names in ("", "a", "b", "ab", "c", "abc")]
MakeFrontier = Callable[..., Frontier]


class System:
    """A ledger and a store, with what a person at random does to them."""

    def __init__(self, redis: RedisClient, make: MakeFrontier, store: Store, seed: int) -> None:
        self.redis = redis
        self.make = make
        self.store = store
        self.random = random.Random(seed)
        self.clock = 1000.0
        self.take(self.random.choice(LISTS))

    def take(self, keys: UrlKeys) -> None:
        self.keys = keys
        self.frontier = self.make(keys=keys, host_concurrency=50)

    def rekeying(self) -> Rekeying:
        return Rekeying(self.redis, PREFIX, self.store, self.keys)

    def work(self) -> None:
        """Submit some URLs, claim some, and end or defer those."""
        self.clock += 1
        pick = self.random.randint
        urls = [
            f"http://h{pick(0, 2)}.test/{pick(0, 5)}?a={pick(0, 2)}&b={pick(0, 2)}&c={pick(0, 1)}"
            for _ in range(pick(1, 30))
        ]
        urls += [f"http://h{pick(0, 2)}.test/{pick(0, 5)}" for _ in range(5)]
        again = self.random.random() < 0.4
        submit_all(self.frontier, [submission(url, keys=self.keys) for url in urls], again=again)
        for lease in self.frontier.claim(pick(0, 40)):
            if self.random.random() < 0.25:
                after = self.random.choice([0.001, 100])
                self.frontier.defer(
                    lease.article, Deferral.LATER, "fetch", reason="server_error", after=after
                )
            else:
                self.settle(lease)

    def settle(self, lease: Lease) -> None:
        self.clock += 1
        outcome, of = self.random.choice(list(Outcome)), {}
        if outcome is Outcome.DUPLICATE:
            originals = [row["url"] for row in self.store.rows() if row["outcome"] == Outcome.ENRICHED]
            others = [url for url in originals if self.keys.id_of_request(url) != lease.article.id]
            if others:
                of = {"duplicate_of": self.random.choice(others)}
            else:
                outcome = Outcome.REJECTED
        known = self.store.row(lease.article.id) is not None
        done = article(lease.article.url, token=lease.article.token, **of).evolve(
            id=lease.article.id, again=known
        )
        assert self.store.write(done, "h", result(outcome, settled_at=self.clock))
        assert self.frontier.settle(done, outcome)

    def stop_on_the_way(self) -> None:
        """Begin to give new ids, and stop."""
        steps = self.rekeying().steps()
        for _, _ in zip(range(self.random.randint(0, 25)), steps, strict=False):
            pass
        self.redis.delete(f"{PREFIX}rekey")  # its time is over
        if self.random.random() < 0.2:
            for lease in self.frontier.claim(3):
                self.frontier.defer(lease.article, Deferral.SYSTEM, "fetch", reason="interrupted")

    def entries(self) -> list[tuple[str, str]]:
        """Return id and URL of all that waits or is deferred."""
        queues = self.redis.scan_iter(match=f"{PREFIX}q:*", _type="LIST")
        waiting = [(entry[:16], entry[16:]) for key in queues for entry in self.redis.lrange(key, 0, -1)]
        found = [*waiting, *self.redis.hgetall(f"{PREFIX}deferred").items()]
        return [(id_.hex(), json.loads(text)["url"]) for id_, text in found]

    def states(self) -> dict[str, str]:
        found = {}
        for key in self.redis.scan_iter(match=f"{PREFIX}seen:*"):
            first = key[len(f"{PREFIX}seen:")]
            for rest, letter in self.redis.hgetall(key).items():
                found[(bytes((first,)) + rest).hex()] = letter.decode()
        return found

    def check(self) -> None:
        rows, states, entries = list(self.store.rows()), self.states(), self.entries()
        assert all(row["id"] == self.keys.id_of_request(row["url"]) for row in rows)
        assert all(id_ == self.keys.id_of_request(url) for id_, url in entries)
        assert all(states[row["id"]] in {"w", "l", LETTERS[Outcome(row["outcome"])]} for row in rows)
        urls = {row["url"] for row in rows}
        assert all(row["duplicate_of"] in urls for row in rows if row["duplicate_of"])
        letters, now = Counter(states.values()), self.frontier.snapshot()
        assert letters["w"] + letters["l"] == len(entries) == now.waiting + now.deferred
        assert {one: letters[LETTERS[one]] for one in Outcome} == now.outcomes
        assert now.settled == sum(states[row["id"]] not in "wl" for row in rows)
        assert sum(map(int, self.redis.hvals(f"{PREFIX}ages"))) == len(entries)


@pytest.mark.parametrize("seed", range(8))
def test_nothing_is_lost_or_counted_twice_however_lists_change(
    redis: RedisClient, make_frontier: MakeFrontier, known: Store, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    monkeypatch.setattr(of_store, "BATCH", 7)
    monkeypatch.setattr(of_ledger, "_CHUNK", 5)
    system = System(redis, make_frontier, known, seed)
    assert all(system.rekeying().steps())
    for _ in range(4):
        for _ in range(system.random.randint(1, 4)):
            system.work()
        system.check()
        system.take(system.random.choice(LISTS))
        urls = [url for _, url in system.entries()] + [row["url"] for row in known.rows()]
        for _ in range(system.random.randint(0, 4)):
            system.stop_on_the_way()
        assert all(system.rekeying().steps())
        kept = {id_ for id_, _ in system.entries()} | {row["id"] for row in known.rows()}
        assert kept == {system.keys.id_of_request(url) for url in urls}
        system.check()
