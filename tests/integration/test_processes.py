"""Who works: real schedulers and workers say that they are there, leave when they end, and outlast their Redis."""

import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path

import pytest
from redis.exceptions import RedisError

from tasks.article import article_id
from workers.delivery import heartbeat
from workers.delivery.heartbeat import Heartbeat, this_process
from workers.errors import EXIT_CODE
from workers.inspect.connections import frontier_on
from workers.inspect.working import Working, read_working
from workers.ledger import processes
from workers.ledger.entries import Submission
from workers.ledger.identity import LedgerIdentity
from workers.ledger.pair import ForeignLedgerError, Pair, pair
from workers.ledger.processes import BEAT_EVERY, SILENT, Process, Processes
from workers.ledger.redis_client import RedisClient, connect
from workers.local.redis_server import EmbeddedRedis, free_port
from workers.local.supervisor import Child, running
from workers.settings import Settings, load_settings
from workers.store.store import Store, open_store

#: Seconds until something counts as not happening; on an idle machine all of it takes less than ten.
PATIENCE = 90
PAIR = Pair("1" * 32, "2" * 32, "rows.db")
TEXT = "The ferry line to the islands opens in the harbour this week, and the first boat leaves at six in the morning. "


def a_process(kind: str = "worker", host: str = "a", pid: int = 1, *queues: str) -> Process:
    return Process(kind, host, pid, "0.1.0", queues, "threads" if queues else "", 32 if queues else 0)


@pytest.fixture
def settings(redis_url: str, prefix: str) -> Settings:
    return load_settings(redis_url=redis_url, key_prefix=prefix, _env_file=None)


@pytest.fixture
def seen(redis: RedisClient, settings: Settings) -> Callable[[], Working]:
    return lambda: read_working(redis, settings)


@pytest.fixture
def table(redis: RedisClient, prefix: str) -> Processes:
    return Processes(redis, prefix)


def silent(redis: RedisClient, prefix: str, id_: str, seconds: float) -> None:
    """Let the last beat of a process be so long ago."""
    redis.zincrby(f"{prefix}beats", -seconds * 1000, id_)


def test_a_process_is_seen_until_it_is_silent_for_long_or_leaves(
    redis: RedisClient, prefix: str, table: Processes
) -> None:
    table.beat("one", a_process("scheduler"), PAIR)
    table.beat("two", a_process("worker", "b", 2, "fetch"), PAIR)
    assert {one.process.host for one in table.seen()} == {"a", "b"}
    silent(redis, prefix, "one", SILENT - 5)
    (late,) = [one for one in table.seen() if one.process.host == "a"]
    assert SILENT - 5 <= late.seconds < SILENT
    silent(redis, prefix, "one", 5)
    assert [one.process.host for one in table.seen()] == ["b"]
    table.leave("two")
    assert table.seen() == []


def test_what_is_dead_is_forgotten_and_a_flood_is_bounded(
    redis: RedisClient, prefix: str, table: Processes, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(5):
        table.beat(f"dead {number}", a_process(), PAIR)
        silent(redis, prefix, f"dead {number}", SILENT)
    table.beat("alive", a_process(), PAIR)
    assert redis.hkeys(f"{prefix}processes") == redis.zrange(f"{prefix}beats", 0, -1) == [b"alive"]
    monkeypatch.setattr(processes, "MOST", 3)
    for number in range(10):
        table.beat(f"{number}", a_process(), PAIR)
    assert len(redis.hkeys(f"{prefix}processes")) == redis.zcard(f"{prefix}beats") == 3
    assert redis.memory_usage(f"{prefix}processes") < 1000


def test_nothing_is_left_where_all_processes_were_killed(
    redis: RedisClient, prefix: str, table: Processes
) -> None:
    table.beat("one", a_process(), PAIR)
    left = [redis.pttl(f"{prefix}{key}") for key in ("beats", "processes")]
    assert all(0 < milliseconds <= SILENT * 1000 for milliseconds in left)


def test_a_full_redis_takes_beats(redis: RedisClient, table: Processes) -> None:
    redis.config_set("maxmemory", 1)
    try:
        table.beat("one", a_process(), PAIR)
        assert len(table.seen()) == 1
        table.leave("one")
    finally:
        redis.config_set("maxmemory", 0)
    assert table.seen() == []


@pytest.mark.parametrize(
    "text", [b"", b"{", b"[]", b"\xff", b'{"kind":1}', b'{"kind":"worker","host":"a","pid":"x","version":""}']
)
def test_what_is_no_process_is_passed_over(
    redis: RedisClient, prefix: str, table: Processes, text: bytes
) -> None:
    table.beat("one", a_process(), PAIR)
    redis.hset(f"{prefix}processes", "two", text)
    redis.zadd(f"{prefix}beats", {"two": 9e15})
    assert len(table.seen()) == 1


def test_names_of_processes_cannot_control_the_terminal(table: Processes) -> None:
    table.beat("one", Process("\x1b[2J", "\n" * 1000, 1, "\x07", ("\x9b",), "\x00"), PAIR)
    (one,) = table.seen()
    texts = (one.process.kind, one.process.host, one.process.version, *one.process.queues, one.process.pool)
    assert all(text.isprintable() and len(text) <= 200 for text in texts)


def test_the_missing_kinds_are_named_with_their_commands(
    table: Processes, seen: Callable[[], Working], settings: Settings, redis: RedisClient
) -> None:
    assert seen().missing == ["scheduler", "worker fetch", "worker enrich"]
    advice = "Nobody takes these 49,444 URLs: start `newsmill scheduler`, `newsmill worker fetch`, `newsmill worker enrich`."
    assert seen().advice(49_444) == advice
    assert seen().advice(0) is None
    table.beat("one", a_process("scheduler"), PAIR)
    table.beat("two", a_process("worker", "b", 2, "fetch"), PAIR)
    assert (
        seen().advice(1)
        == "No enrich worker runs, so this URL will not be done: start `newsmill worker enrich`."
    )
    table.beat("three", a_process("worker", "b", 2, "enrich", "fetch"), PAIR)
    assert seen().missing == []
    routed = settings.model_copy(update={"queues": {"tag_topics": "topics"}})
    assert read_working(redis, routed).missing == ["worker topics"]


def test_a_ledger_that_was_emptied_belongs_to_the_store_of_its_processes_again(
    redis: RedisClient, prefix: str, settings: Settings, tmp_path: Path
) -> None:
    with open_store(f"sqlite:///{tmp_path}/a.db") as store:
        made = pair(redis, settings, store)
        heart = Heartbeat(redis, prefix, this_process("scheduler"), made)
        heart.beat()
        redis.flushall()
        heart.beat()
        noted = LedgerIdentity(redis, prefix).read()
        assert noted
        assert (noted.ledger, noted.store, noted.store_name) == (made.ledger, made.store, made.store_name)
        assert pair(redis, settings, store).note is None, (
            "who starts now is not refused, and finds nothing new"
        )


def test_a_beat_raises_where_another_store_has_taken_over(redis: RedisClient, prefix: str) -> None:
    heart = Heartbeat(redis, prefix, this_process("scheduler"), PAIR)
    heart.beat()
    LedgerIdentity(redis, prefix).bind("3" * 32, "other.db", take_over=True)
    with pytest.raises(ForeignLedgerError, match=r"taken over by the store other\.db.*belonged to rows\.db"):
        heart.beat()


def test_a_worker_beats_on_whatever_somebody_has_written(
    redis: RedisClient, prefix: str, settings: Settings
) -> None:
    heart = heartbeat.WorkerHeartbeat(settings, this_process("worker"), PAIR)
    redis.hset(f"{prefix}identity", "store", b"\xff not an id")
    assert heart._beats()
    redis.delete(f"{prefix}identity")
    redis.set(f"{prefix}beats", "not a sorted set")
    assert heart._beats()
    redis.delete(f"{prefix}beats")
    assert heart._beats()
    assert [one.process.kind for one in Processes(redis, prefix).seen()] == ["worker"]


def test_no_process_is_forked_during_a_beat() -> None:
    heartbeat._no_fork_while_locked()
    order: list[str] = []

    def fork() -> None:
        child = os.fork()
        if not child:
            os._exit(0 if heartbeat._lock.acquire(timeout=5) else 1)  # a child may hold it, too
        order.append("forked")
        assert os.waitpid(child, 0)[1] == 0

    with heartbeat._lock:
        thread = threading.Thread(target=fork)
        thread.start()
        thread.join(0.3)
        order.append("beaten")
    thread.join()
    assert order == ["beaten", "forked"]


def test_a_worker_holds_that_lock_while_it_beats(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    held: list[bool] = []
    beaten = threading.Event()

    def beat(_: Heartbeat) -> None:
        held.append(heartbeat._lock.locked())
        beaten.set()

    monkeypatch.setattr(Heartbeat, "beat", beat)
    heart = heartbeat.WorkerHeartbeat(settings, this_process("worker"), PAIR)
    heart.start()
    assert beaten.wait(PATIENCE)
    heart.end()
    assert held == [True]


@dataclass
class Plant:
    """A Redis, a scheduler and two workers as processes; the enrich worker is a plain `celery worker`."""

    settings: Settings
    redis: RedisClient
    server: EmbeddedRedis
    server_child: Child
    store: Store
    children: dict[str, Child] = field(default_factory=dict)

    def wait_until(self, so: Callable[[], bool]) -> None:
        deadline = time.monotonic() + PATIENCE
        while True:
            try:
                if so():
                    return
            except RedisError:
                pass  # it is being started again
            logs = {name: child.log.read_text()[-2000:] for name, child in self.children.items()}
            assert time.monotonic() < deadline, logs
            time.sleep(0.05)

    def pids(self) -> dict[str, int]:
        """Return the processes that are seen, by kind and queues."""
        found = read_working(self.redis, self.settings).seen
        pids = {" ".join((one.process.kind, *one.process.queues)): one.process.pid for one in found}
        assert len(pids) == len(found)
        return pids

    def own_pids(self) -> dict[str, int]:
        return {name: child.process.pid for name, child in self.children.items() if child.process}

    def settle_another(self) -> None:
        """Submit a document, and wait for its outcome."""
        url = f"file:///{time.monotonic_ns()}.txt"
        frontier = frontier_on(self.redis, self.settings)
        self.store.documents.put(article_id(url), (TEXT * 5 + url).encode())
        frontier.submit([Submission(article_id(url), url, "")])
        self.wait_until(lambda: self.store.row(article_id(url)) is not None)


@pytest.fixture(scope="module")
def plant(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Plant]:
    folder = tmp_path_factory.mktemp("plant")
    server = EmbeddedRedis(folder / "redis", free_port())
    settings = load_settings(
        redis_url=server.url,
        database_url=f"sqlite:///{folder}/newsmill.db",
        enrich_processes=2,
        tasks_per_child=1,
        _env_file=None,
    )
    celery = (str(Path(sys.executable).with_name("celery")), "-A", "workers.app", "worker", "-Q", "enrich")
    newsmill = (sys.executable, "-m", "workers.cli")
    commands = {
        "scheduler": (*newsmill, "scheduler"),
        "worker fetch": (*newsmill, "worker", "fetch"),
        "worker enrich": (*celery, "--concurrency", "2", "--without-mingle", "--without-gossip"),
    }
    with ExitStack() as stack:
        child = server.child()
        stack.enter_context(running(child))
        server.wait(child)
        store = stack.enter_context(open_store(settings.database_url.get_secret_value()))
        made = Plant(settings, connect(settings), server, child, store)
        stack.callback(made.redis.close)
        for name, command in commands.items():
            one = Child(name, list(command), folder / f"{name}.log", env=settings.environment())
            made.children[name] = stack.enter_context(running(one))
        yield made


@pytest.fixture
def at_work(plant: Plant) -> Plant:
    """The plant with all of its processes at work."""
    for child in plant.children.values():
        if child.process and child.process.poll() is not None:
            child.start()
    plant.wait_until(lambda: plant.pids() == plant.own_pids())
    return plant


def test_every_process_says_what_it_is_and_its_children_say_nothing(at_work: Plant) -> None:
    at_work.settle_another()  # a process of the pool is replaced after it
    shown = {
        (one.process.kind, one.process.queues, one.process.pool, one.process.size, one.process.version)
        for one in read_working(at_work.redis, at_work.settings).seen
    }
    now = version("newsmill")
    assert shown == {
        ("scheduler", (), "", 0, now),
        ("worker", ("fetch",), "threads", 32, now),
        ("worker", ("enrich",), "processes", 2, now),
    }
    assert at_work.pids() == at_work.own_pids()


@pytest.mark.parametrize("name", ["scheduler", "worker fetch", "worker enrich"])
def test_a_process_that_is_asked_to_end_is_gone_when_it_has_ended(at_work: Plant, name: str) -> None:
    child = at_work.children[name]
    assert child.process
    child.terminate()
    assert child.process.wait(PATIENCE) == 0
    assert name not in at_work.pids()


def test_a_killed_process_is_not_seen_for_long(at_work: Plant) -> None:
    child = at_work.children["worker fetch"]
    assert child.process
    child.process.kill()
    child.process.wait()
    at_work.wait_until(lambda: "worker fetch" not in at_work.pids())


def test_processes_work_on_in_a_redis_that_was_emptied_and_others_may_join(at_work: Plant) -> None:
    at_work.redis.flushall()
    at_work.wait_until(lambda: at_work.pids() == at_work.own_pids())
    at_work.settle_another()
    assert pair(at_work.redis, at_work.settings, at_work.store).note is None


@pytest.mark.parametrize("how", ["killed", "frozen"])
def test_processes_are_seen_again_after_an_outage_of_redis(at_work: Plant, how: str) -> None:
    child = at_work.server_child
    assert child.process
    if how == "killed":
        child.process.kill()
        child.process.wait()
        child.start()
        at_work.server.wait(child)
    else:
        os.kill(child.process.pid, signal.SIGSTOP)
        time.sleep(BEAT_EVERY + 1)  # a beat of each process falls into that
        os.kill(child.process.pid, signal.SIGCONT)
    at_work.settle_another()
    at_work.wait_until(lambda: at_work.pids() == at_work.own_pids())


def test_processes_of_a_ledger_that_was_taken_over_end_and_are_refused(at_work: Plant) -> None:
    ledger = LedgerIdentity(at_work.redis, at_work.settings.key_prefix)
    before = ledger.read()
    assert before
    ledger.bind("9" * 32, "other.db", take_over=True)
    codes = {name: child.process.wait(PATIENCE) for name, child in at_work.children.items() if child.process}
    assert codes == {"scheduler": EXIT_CODE, "worker fetch": 0, "worker enrich": 0}
    assert all("taken over by the store other.db" in one.log.read_text() for one in at_work.children.values())
    for child in at_work.children.values():
        child.start()
    codes = {name: child.process.wait(PATIENCE) for name, child in at_work.children.items() if child.process}
    assert set(codes.values()) == {EXIT_CODE}
    for child in at_work.children.values():
        assert "belongs to the store other.db" in child.log.read_text().splitlines()[-1]
    ledger.bind(before.store, before.store_name, take_over=True)
