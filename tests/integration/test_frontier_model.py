"""Any interleaving of the ledger's calls, stale attempts among them, against a model in plain Python.

The model knows nothing of keys and scripts: a URL is waiting, in flight, deferred or settled, and has so many
attempts and deferrals. After every step the frontier must say the same, and hold each URL in exactly one place.
"""

from collections import Counter, defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    consumes,
    invariant,
    multiple,
    precondition,
    rule,
    run_state_machine_as_test,
)

from tasks.article import Article, Outcome
from workers.ledger.entries import LETTERS, Deferral, Entry, Policy, Priority, State
from workers.ledger.frontier import Frontier
from workers.ledger.redis_client import RedisClient
from workers.ledger.submit import submission

HOSTS = ("a.test", "b.test", "c.test")
URLS = {
    one.id: one for one in (submission(f"http://{host}/{number}") for host in HOSTS for number in range(3))
}
MAX_IN_FLIGHT, MAX_ATTEMPTS, MAX_DEFERRALS = 2, 2, 2
TASKS = ("fetch", "extract", "tag_topics")

ids = st.sampled_from(sorted(URLS))


@dataclass
class Expected:
    """What the model knows of a URL."""

    state: State = State.UNKNOWN
    outcome: Outcome | None = None
    token: int = 0
    task: str = ""
    attempts: int = 0
    deferrals: int = 0
    #: Hosts that redirects have led it to.
    guests: set[str] = field(default_factory=set)

    def put_back(self, state: State) -> None:
        self.state, self.token, self.task, self.guests = state, 0, "", set()


@dataclass
class Model:
    """What the ledger should hold."""

    urls: dict[str, Expected] = field(default_factory=lambda: {one: Expected() for one in URLS})
    #: The URLs of each host that have failed since it last answered.
    failed: defaultdict[str, set[str]] = field(default_factory=lambda: defaultdict(set))

    #: Hosts at which a redirect had the last turn.
    yielded: set[str] = field(default_factory=set)

    def holds(self, article: Article) -> Expected | None:
        """Return the URL if the article's token is that of its lease."""
        one = self.urls[article.id]
        return one if one.state is State.IN_FLIGHT and one.token == article.token else None

    def of(self, state: State) -> set[str]:
        return {key for key, one in self.urls.items() if one.state is state}

    def free_hosts(self) -> set[str]:
        """Return the hosts that have something waiting and nothing in flight."""
        return {host for key in self.of(State.WAITING) if not self.places(host := URLS[key].host)}

    def places(self, host: str) -> int:
        """Return how many articles are in flight on the host, its own or led there."""
        return sum(
            host == URLS[key].host or host in self.urls[key].guests for key in self.of(State.IN_FLIGHT)
        )

    def defer(self, article: Article, kind: Deferral, *, whole_host: bool) -> str:
        one = self.holds(article)
        if one is None:
            return "stale"
        host = URLS[article.id].host
        dead_host = whole_host and len(self.failed[host]) >= MAX_DEFERRALS
        if kind is Deferral.LATER and (one.deferrals >= MAX_DEFERRALS or dead_host):
            return "spent"
        if kind is Deferral.RETRY and one.attempts >= MAX_ATTEMPTS:
            return "spent"
        one.deferrals += kind is Deferral.LATER
        if kind is not Deferral.RETRY:
            one.attempts = max(one.attempts - 1, 0)
        if whole_host:
            self.failed[host].add(article.id)
        one.put_back(State.DEFERRED)
        return "deferred"


class LedgerMachine(RuleBasedStateMachine):
    """The calls, in any order, by any attempt that ever was."""

    attempts: Bundle[Article] = Bundle("attempts")

    def __init__(self, redis: RedisClient, prefix: str, pass_time: Callable[[], None]) -> None:
        super().__init__()
        redis.flushall()
        self.redis, self.prefix, self.pass_time = redis, prefix, pass_time
        self.frontier = Frontier(
            redis,
            prefix,
            Policy(
                max_in_flight=MAX_IN_FLIGHT,
                max_attempts=MAX_ATTEMPTS,
                max_deferrals=MAX_DEFERRALS,
                host_interval=0,
            ),
        )
        self.model = Model()

    @rule(keys=st.lists(ids, max_size=4), priority=st.sampled_from(Priority), again=st.booleans())
    def submit(self, keys: list[str], priority: Priority, again: bool) -> None:
        expected = ""
        for key in keys:
            one = self.model.urls[key]
            if one.state is State.UNKNOWN or (again and one.state is State.SETTLED):
                self.model.urls[key] = Expected(State.WAITING)
                expected += "n"
            else:
                expected += LETTERS[one.outcome] if one.outcome else one.state.value
        batch = [submission(URLS[key].url, priority=priority) for key in keys]
        assert self.frontier.submit(batch, again=again) == expected

    @rule(target=attempts, count=st.integers(1, 4))
    def claim(self, count: int) -> Any:
        self.pass_time()
        for key in self.model.of(State.DEFERRED):
            self.model.urls[key].put_back(State.WAITING)
        room = MAX_IN_FLIGHT - len(self.model.of(State.IN_FLIGHT))
        free = self.model.free_hosts()
        leases = self.frontier.claim(count)
        assert len(leases) == min(count, room, len(free))
        assert len({lease.entry.host for lease in leases} & free) == len(leases)
        return multiple(*(self._leased(lease.article) for lease in leases))

    def _leased(self, article: Article) -> Article:
        one = self.model.urls[article.id]
        assert one.state is State.WAITING
        one.state, one.token = State.IN_FLIGHT, article.token
        self.model.yielded.discard(URLS[article.id].host)
        return article

    @rule(article=attempts, task=st.sampled_from(TASKS))
    def start(self, article: Article, task: str) -> None:
        started = self.frontier.start(article, task)
        one = self.model.holds(article)
        if one is None:
            assert started.verdict == "stale"
            return
        if one.task in {"", task}:
            if one.attempts >= MAX_ATTEMPTS:
                assert (started.verdict, started.attempts) == ("spent", MAX_ATTEMPTS)
                return
            one.attempts += 1
        one.task = task
        assert (started.verdict, started.attempts) == ("ok", one.attempts)

    @rule(article=attempts, host=st.sampled_from(HOSTS))
    def turn(self, article: Article, host: str) -> None:
        one = self.model.holds(article)
        verdict = self.frontier.turn(article, host, patience=10**6).verdict
        if one is None:
            assert verdict == "stale"
        elif host == URLS[article.id].host or host in one.guests:
            assert verdict == "go"
        elif self.model.places(host):
            assert verdict == "busy"
        elif verdict == "busy":  # its own URLs and redirects take turns
            assert host in self.model.yielded
            assert any(URLS[key].host == host for key in self.model.of(State.WAITING))
        else:
            assert verdict == "go"
            one.guests.add(host)
            self.model.yielded.add(host)

    @rule(article=attempts, kind=st.sampled_from(Deferral), whole_host=st.booleans())
    def defer(self, article: Article, kind: Deferral, whole_host: bool) -> None:
        expected = self.model.defer(article, kind, whole_host=whole_host)
        answer = self.frontier.defer(article, kind, "fetch", reason="why", whole_host=whole_host)
        assert answer == expected

    @rule(article=attempts, outcome=st.sampled_from(Outcome), host_answered=st.booleans())
    def settle(self, article: Article, outcome: Outcome, host_answered: bool) -> None:
        one = self.model.holds(article)
        assert self.frontier.settle(article, outcome, host_answered=host_answered) == (one is not None)
        if one:
            if host_answered:
                self.model.failed[URLS[article.id].host].clear()
            self.model.urls[article.id] = Expected(State.SETTLED, outcome)

    @rule(article=consumes(attempts), outcome=st.sampled_from(Outcome))
    def settle_for_good(self, article: Article, outcome: Outcome) -> None:
        """Settle an attempt and forget it, so that not all attempts are stale in the end."""
        self.settle(article, outcome, host_answered=True)

    @precondition(lambda self: self.model.of(State.IN_FLIGHT))
    @rule(target=attempts, some=st.sets(ids, min_size=4), queued=st.sets(ids, max_size=3))
    def expire_and_reclaim(self, some: set[str], queued: set[str]) -> Any:
        held = self.model.of(State.IN_FLIGHT) & some
        for key in held:
            self.redis.zadd(f"{self.prefix}leases", {bytes.fromhex(key): 0}, xx=True)
        lost, spent = self.frontier.reclaim(queued)
        gone = {key for key in held - queued if not self._is_spent(key)}
        assert lost == len(gone)
        assert {lease.article.id for lease in spent} == held - queued - gone
        for key in gone:
            self.model.urls[key].put_back(State.WAITING)
        for lease in spent:
            one = self.model.urls[lease.article.id]
            assert lease.article.token > one.token
            one.token = lease.article.token
        return multiple(*(lease.article for lease in spent))

    def _is_spent(self, key: str) -> bool:
        one = self.model.urls[key]
        return bool(one.task) and one.attempts >= MAX_ATTEMPTS

    @invariant()
    def the_counts_are_the_models(self) -> None:
        now = self.frontier.snapshot()
        sizes = Counter(one.state for one in self.model.urls.values())
        assert now.waiting == sizes[State.WAITING]
        assert now.in_flight == sizes[State.IN_FLIGHT]
        assert now.deferred == sizes[State.DEFERRED]
        outcomes = Counter(one.outcome for one in self.model.urls.values())
        assert now.outcomes == {outcome: outcomes[outcome] for outcome in Outcome}
        assert (now.oldest is not None) == (now.unsettled > 0)

    @invariant()
    def every_url_is_where_the_model_has_it(self) -> None:
        for key, one in self.model.urls.items():
            assert self.frontier.state(key) is one.state
            record = self.frontier.entry(key)
            assert (record is not None) == (one.state in {State.IN_FLIGHT, State.DEFERRED})
            if record:
                self._compare(record, one)

    @invariant()
    def every_url_is_in_one_place(self) -> None:
        place = {state: self._raw_ids(state) for state in (State.WAITING, State.IN_FLIGHT, State.DEFERRED)}
        for state, found in place.items():
            assert sorted(found) == sorted(self.model.of(state))
        assert sorted(self._scored("leases")) == sorted(place[State.IN_FLIGHT])
        assert sorted(self._scored("later")) == sorted(place[State.DEFERRED])

    @invariant()
    def every_host_has_as_many_in_flight_as_it_is_charged_for(self) -> None:
        for host in HOSTS:
            assert self.frontier.host_state(host).get("n", 0) == self.model.places(host)

    def _compare(self, record: Entry, one: Expected) -> None:
        assert (record.attempts, record.deferrals, record.task) == (one.attempts, one.deferrals, one.task)
        assert int(record.token or 0) == one.token

    def _raw_ids(self, state: State) -> list[str]:
        if state is State.WAITING:
            queues = self.redis.scan_iter(match=f"{self.prefix}q:*", count=1000)
            return [entry[:16].hex() for key in queues for entry in self.redis.lrange(key, 0, -1)]
        key = {State.IN_FLIGHT: "flight", State.DEFERRED: "deferred"}[state]
        return [raw.hex() for raw in self.redis.hkeys(self.prefix + key)]

    def _scored(self, key: str) -> list[str]:
        return [raw.hex() for raw in self.redis.zrange(self.prefix + key, 0, -1)]


def test_no_interleaving_loses_a_url_or_counts_it_twice(
    redis: RedisClient, prefix: str, pass_time: Callable[[], None]
) -> None:
    run_state_machine_as_test(
        lambda: LedgerMachine(redis, prefix, pass_time),  # type: ignore[arg-type]  # a factory does, too
        settings=settings(
            max_examples=30,
            stateful_step_count=30,
            database=None,
            print_blob=True,
            suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
        ),
    )
