"""What an operator says of hosts, in the ledger: denied URLs end at once, paused ones wait, and all of it is known in time."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tasks.article import Article, Outcome
from tasks.errors import Reason, Rejected, TryLater
from tasks.hosts import HostRule
from workers.delivery.host_watch import LOOK_EVERY, HostWatch
from workers.errors import UserError
from workers.ledger.entries import Turn
from workers.ledger.frontier import Frontier
from workers.ledger.host_rules import AT_HAND, HostRules
from workers.ledger.rate_limit import HostRateLimit
from workers.ledger.redis_client import RedisClient
from workers.ledger.submit import submission
from workers.store.store import Store

MakeFrontier = Callable[..., Frontier]
DENY, PAUSE = HostRule(deny=True), HostRule(pause=True)


@pytest.fixture
def rules(redis: RedisClient, prefix: str) -> HostRules:
    return HostRules(redis, prefix)


def submit(frontier: Frontier, *urls: str) -> None:
    frontier.submit([submission(url) for url in urls])


def claimed(frontier: Frontier, count: int = 99) -> list[str]:
    return sorted(lease.article.url for lease in frontier.claim(count))


def wait_over(redis: RedisClient, prefix: str, host: str) -> None:
    """Let a host be due."""
    redis.hset(f"{prefix}host:{host}", "due", 0)
    for priority in range(3):
        redis.zadd(f"{prefix}ready:{priority}", {host: 0}, xx=True)


def test_the_urls_of_a_denied_host_are_taken_at_once_whatever_it_was_to_wait(
    make_frontier: MakeFrontier, rules: HostRules, redis: RedisClient, prefix: str
) -> None:
    frontier = make_frontier(host_interval=3600)
    urls = [f"http://www.a.test/{n}" for n in range(30)]
    submit(frontier, *urls, "https://www.a.test/s", "http://b.test/1", "http://b.test/2")
    redis.hset(f"{prefix}host:www.a.test", "pause", 4_000_000_000_000)
    assert len(claimed(frontier)) == 2
    rules.say("a.test", DENY, 1)
    seen: list[str] = []
    while more := claimed(frontier):
        assert len(more) <= 20, "others come, too"
        seen += more
    assert len(seen) == 30
    assert not any("b.test" in url for url in seen)
    submit(frontier, "http://new.a.test/")
    assert claimed(frontier) == ["http://new.a.test/"], "what comes ends, too"


def test_other_hosts_come_between_a_million_denied_urls(
    make_frontier: MakeFrontier, rules: HostRules
) -> None:
    frontier = make_frontier()
    rules.say("a.test", DENY, 1)
    submit(frontier, *(f"http://a.test/{n}" for n in range(100)))
    submit(frontier, "http://b.test/")
    assert "http://b.test/" in claimed(frontier, 50)


def test_the_urls_of_a_paused_host_wait_and_cost_nothing(
    make_frontier: MakeFrontier, rules: HostRules, redis: RedisClient, prefix: str
) -> None:
    frontier = make_frontier()
    submit(frontier, "http://a.test/1", "https://www.a.test/2", "http://b.test/")
    rules.say("a.test", PAUSE, 1)
    assert claimed(frontier) == ["http://b.test/"]
    assert frontier.snapshot().waiting == 2
    due = frontier.host_state("a.test")["due"] - frontier.snapshot().now
    assert 0 < due <= 5000, "it is looked at again within seconds"
    rules.say("a.test", None, 1)
    wait_over(redis, prefix, "a.test")
    wait_over(redis, prefix, "https://www.a.test")
    assert claimed(frontier) == ["http://a.test/1", "https://www.a.test/2"]


def test_many_paused_hosts_do_not_keep_others_from_being_found(
    make_frontier: MakeFrontier, rules: HostRules
) -> None:
    frontier = make_frontier()
    submit(frontier, *(f"http://h{n}.a.test/" for n in range(100)), "http://z.test/")
    rules.say("a.test", PAUSE, 1)
    found = [claimed(frontier, 50) for _ in range(3)]
    assert ["http://z.test/"] in found


def test_interval_and_concurrency_of_a_host(
    make_frontier: MakeFrontier, rules: HostRules, redis: RedisClient, prefix: str
) -> None:
    frontier = make_frontier(host_interval=1)
    rules.copy("file", {"a.test": HostRule(interval=0.25, concurrency=2)}, "mark", 1)
    submit(frontier, *(f"http://a.test/{n}" for n in range(4)), *(f"http://b.test/{n}" for n in range(4)))
    articles: list[Article] = []
    for _ in range(3):
        articles += [lease.article for lease in frontier.claim(9)]
        wait_over(redis, prefix, "a.test")
        wait_over(redis, prefix, "b.test")
    assert sorted(one.url[:12] for one in articles) == ["http://a.tes", "http://a.tes", "http://b.tes"]
    first = next(one for one in articles if "a.test" in one.url)
    assert frontier.start(first, "fetch").verdict == "ok"
    assert frontier.turn(first, "a.test").verdict == "go"
    again = frontier.turn(first, "a.test", patience=9)
    assert again.verdict == "go"
    assert 0.2 < again.seconds <= 0.25
    slow = frontier.turn(first, "a.test", crawl_delay=5, patience=9)
    assert slow.seconds > 4, "a longer Crawl-delay counts"


@pytest.mark.parametrize(("rule", "reason"), [(DENY, Reason.HOST_DENIED), (PAUSE, Reason.HOST_PAUSED)])
def test_a_turn_knows_what_was_said_a_moment_ago(
    make_frontier: MakeFrontier, rules: HostRules, rule: HostRule, reason: Reason
) -> None:
    frontier = make_frontier()
    submit(frontier, "http://a.test/")
    (lease,) = frontier.claim(1)
    rules.say("b.test", rule, 1)
    with pytest.raises((Rejected, TryLater)) as told:
        HostRateLimit(frontier, 60).acquire(lease.article, "https://www.b.test", None)
    assert told.value.reason is reason
    assert frontier.turn(lease.article, "a.test") == Turn("go", 0)


def test_a_worker_knows_within_a_second(redis: RedisClient, prefix: str, rules: HostRules) -> None:
    now = 0.0
    worker = HostRules(redis, prefix, clock=lambda: now)
    worker.check("http://a.test/")
    rules.say("a.test", DENY, 1)
    now = AT_HAND
    with pytest.raises(Rejected):
        worker.check("http://a.test/")
    rules.say("a.test", None, 1)
    now = 2 * AT_HAND
    worker.check("http://a.test/")
    rules.say("a.test", DENY, 1)
    now = 3 * AT_HAND
    with pytest.raises(Rejected):
        worker.check("http://a.test/")
    redis.flushall()
    now = 4 * AT_HAND
    worker.check("http://a.test/")


def test_a_worker_asks_redis_once_a_second(redis: RedisClient, prefix: str) -> None:
    now = 0.0
    worker = HostRules(redis, prefix, clock=lambda: now)
    worker.check("http://a.test/")
    before = redis.info("commandstats")["cmdstat_get"]["calls"]
    for _ in range(100):
        worker.check("http://a.test/")
    assert redis.info("commandstats")["cmdstat_get"]["calls"] == before


def test_what_somebody_else_has_written_there_is_no_rule(
    make_frontier: MakeFrontier, redis: RedisClient, prefix: str, rules: HostRules
) -> None:
    texts = ["nonsense", "[1]", '{"deny":"yes"}', "\xff", '{"interval":"x","concurrency":[]}']
    redis.hset(f"{prefix}hosts:set", mapping={f"h{n}.test": text for n, text in enumerate(texts)})
    frontier = make_frontier()
    submit(frontier, *(f"http://h{n}.test/" for n in range(len(texts))))
    assert len(claimed(frontier)) == len(texts)
    assert list(rules.read()) == []


def test_a_thousand_rules_are_copied_whole(rules: HostRules) -> None:
    many = {f"h{n}.test": HostRule(interval=n) for n in range(2500)}
    rules.copy("file", many, "one", 1)
    assert rules.read().file == many
    assert rules.marks() == (None, "one")
    rules.copy("file", {}, "two", 1)
    assert rules.read().file == {}
    assert rules.marks() == (None, "two")


class Watched:
    """A scheduler's watch, whose time the test makes pass."""

    def __init__(self, rules: HostRules, store: Store, file: Path | None) -> None:
        self.now = 0.0
        self.watch = HostWatch(rules, store.host_rules, file, 1, clock=lambda: self.now)
        self.watch.begin()
        self.watch.look()

    def later(self) -> None:
        self.now += LOOK_EVERY
        self.watch.look()


def test_a_changed_file_is_read_again_and_one_that_cannot_be_read_changes_nothing(
    rules: HostRules, tmp_path: Path
) -> None:
    file, store = tmp_path / "hosts.toml", Store.in_memory()
    file.write_text('["a.test"]\ndeny = true\n')
    watched = Watched(rules, store, file)
    assert rules.read().denies("www.a.test")
    file.write_text('["b.test"]\npause = true\n')
    watched.later()
    assert not rules.read().denies("www.a.test")
    assert rules.read().pauses("b.test")
    for breaks in (lambda: file.write_text("x = ["), file.unlink):
        breaks()
        watched.later()
        assert rules.read().pauses("b.test")
        assert str(file) in (rules.trouble() or "")
    new = tmp_path / "new"  # as editors and Kubernetes do
    new.write_text("")
    new.replace(file)
    watched.later()
    assert rules.trouble() is None
    assert list(rules.read()) == []
    store.close()


def test_the_file_is_looked_at_every_two_seconds(rules: HostRules, tmp_path: Path) -> None:
    file, store = tmp_path / "hosts.toml", Store.in_memory()
    file.write_text("")
    watched = Watched(rules, store, file)
    file.write_text('["a.test"]\ndeny = true\n')
    watched.watch.look()
    assert list(rules.read()) == []
    watched.later()
    assert rules.read().denies("a.test")
    store.close()


def test_a_scheduler_does_not_start_with_a_file_that_cannot_be_read(rules: HostRules, tmp_path: Path) -> None:
    store = Store.in_memory()
    with pytest.raises(UserError):
        Watched(rules, store, tmp_path / "hosts.toml")
    store.close()


def test_the_trouble_of_a_process_before_is_over_with_the_next(rules: HostRules) -> None:
    store = Store.in_memory()
    rules.note_trouble("broken")
    Watched(rules, store, None)
    assert rules.trouble() is None
    store.close()


def test_a_redis_that_was_emptied_learns_the_rules_again(
    redis: RedisClient, rules: HostRules, tmp_path: Path
) -> None:
    file, store = tmp_path / "hosts.toml", Store.in_memory()
    file.write_text('["b.test"]\ndeny = true\n')
    store.host_rules.put("a.test", '{"deny":true,"since":5}')
    store.host_rules.put("c.test", '{"deny":true}')
    store.host_rules.put("c.test", None)
    watched = Watched(rules, store, file)
    for _ in range(2):
        assert rules.read().commands == {"a.test": HostRule(deny=True, since=5)}
        assert rules.read().denies("b.test")
        redis.flushall()
        watched.later()
    store.close()


def test_a_file_that_is_no_more_a_setting_is_forgotten_by_the_next_scheduler(
    rules: HostRules, tmp_path: Path
) -> None:
    file, store = tmp_path / "hosts.toml", Store.in_memory()
    file.write_text('["b.test"]\ndeny = true\n')
    Watched(rules, store, file)
    Watched(rules, store, None)
    assert list(rules.read()) == []
    store.close()


def test_rows_and_cursors_do_not_meet(tmp_path: Path) -> None:
    del tmp_path
    store = Store.in_memory()
    store.cursors.put("a.test", "7")
    store.host_rules.put("a.test", "{}")
    assert store.cursors.get("a.test") == "7"
    assert store.host_rules.all() == {"a.test": "{}"}
    store.host_rules.put("a.test", None)
    assert store.host_rules.all() == {}
    assert store.cursors.get("a.test") == "7"
    store.close()


def test_a_denied_article_settles_like_any_other(make_frontier: MakeFrontier, rules: HostRules) -> None:
    frontier = make_frontier()
    rules.say("a.test", DENY, 1)
    submit(frontier, "http://a.test/")
    (lease,) = frontier.claim(1)
    assert frontier.settle(lease.article, Outcome.REJECTED, reason=Reason.HOST_DENIED)
    assert frontier.snapshot().unsettled == 0
