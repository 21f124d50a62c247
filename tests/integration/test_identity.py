"""Ledger and store know each other: which pairs are made, which are refused, and how one takes over. Both databases."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from pydantic import SecretStr
from redis import Redis
from sqlalchemy import text

from tasks.article import Article, Outcome
from tests.integration.old_store import make_old_store
from tests.integration.test_store import put
from workers.errors import UserError
from workers.ledger.content_servers import check_content_servers
from workers.ledger.frontier import Frontier
from workers.ledger.identity import LedgerIdentity, Names
from workers.ledger.pair import ForeignLedgerError, OlderStoreError, check_ledger, foreign, pair
from workers.ledger.redis_client import RedisClient
from workers.ledger.submit import submission
from workers.local.redis_server import free_port
from workers.settings import Settings, load_settings
from workers.store.identity import SEEN_EVERY
from workers.store.rows import Result
from workers.store.store import Store, open_store, open_to_read


@pytest.fixture
def settings(redis_url: str, store_url: str, prefix: str) -> Settings:
    return load_settings(redis_url=redis_url, database_url=store_url, key_prefix=prefix, _env_file=None)


@pytest.fixture
def other(tmp_path: Path) -> Iterator[Store]:
    """Another store, which has an id of its own."""
    with open_store(f"sqlite:///{tmp_path}/other.db") as made:
        made.identity.settle("0" * 32)
        yield made


@pytest.fixture
def other_settings(settings: Settings, tmp_path: Path) -> Settings:
    return load_settings(**{**settings.model_dump(), "database_url": f"sqlite:///{tmp_path}/other.db"})


@pytest.fixture
def ledger(redis: RedisClient, prefix: str) -> LedgerIdentity:
    return LedgerIdentity(redis, prefix)


def test_two_new_sides_become_a_pair_without_a_word(
    redis: RedisClient, settings: Settings, store: Store, ledger: LedgerIdentity
) -> None:
    assert ledger.read() is store.identity.id is None
    made = pair(redis, settings, store)
    noted = ledger.read()
    assert noted
    assert (noted.ledger, noted.store) == (made.ledger, made.store)
    assert store.identity.id == made.store
    assert [one.id for one in store.identity.ledgers] == [made.ledger]
    assert len(made.ledger) == len(made.store) == 32
    assert made.note is None
    assert pair(redis, settings, store) == made, "a second call changes nothing"


def test_a_ledger_of_another_store_is_refused_with_both_names_and_a_way_out(
    redis: RedisClient, settings: Settings, store: Store, other: Store, other_settings: Settings
) -> None:
    pair(redis, settings, store)
    with pytest.raises(ForeignLedgerError) as refused:
        pair(redis, other_settings, other)
    line = str(refused.value)
    names = Names.of(settings), Names.of(other_settings)
    assert all(name in line for name in (names[0].ledger, names[0].store, names[1].store, "--take-over"))
    assert "\n" not in line
    assert other.identity.ledgers == []


def test_taking_over_binds_the_ledger_and_then_refuses_the_other_store(
    redis: RedisClient, settings: Settings, store: Store, other: Store, other_settings: Settings
) -> None:
    first = pair(redis, settings, store)
    taken = pair(redis, other_settings, other, take_over=True)
    assert (taken.ledger, taken.store) == (first.ledger, "0" * 32)
    assert taken.note
    assert Names.of(settings).store in taken.note
    assert pair(redis, other_settings, other, take_over=True).note is None
    with pytest.raises(ForeignLedgerError):
        pair(redis, settings, store)


def test_a_store_may_have_any_number_of_ledgers(redis: RedisClient, settings: Settings, store: Store) -> None:
    second = settings.model_copy(update={"key_prefix": "second:"})
    made = pair(redis, settings, store), pair(redis, second, store)
    assert made[0].store == made[1].store
    assert {one.id for one in store.identity.ledgers} == {one.ledger for one in made}
    assert {one.name for one in store.identity.ledgers} == {
        Names.of(one).ledger for one in (settings, second)
    }


def test_a_store_of_the_first_release_is_bound_to_the_ledger_of_its_day(
    redis: RedisClient, settings: Settings, store_url: str, make_frontier: Callable[..., Frontier]
) -> None:
    make_frontier().submit([submission("http://a.test/")])
    make_old_store(store_url)
    with open_to_read(store_url) as old:
        assert old.identity.id is None
        assert foreign(redis, settings, old) is None
    with open_store(store_url) as migrated:
        assert pair(redis, settings, migrated).note is None
        assert migrated.identity.id


def test_a_store_of_the_first_release_takes_the_id_that_the_ledger_knows(
    redis: RedisClient, settings: Settings, store_url: str, other: Store, other_settings: Settings
) -> None:
    pair(redis, other_settings, other)
    make_old_store(store_url)
    with open_store(store_url) as migrated:
        assert pair(redis, settings, migrated).note is None
        assert migrated.identity.id == other.identity.id


def test_an_empty_store_takes_the_place_of_the_one_that_the_ledger_knows_and_says_so(
    redis: RedisClient, settings: Settings, store: Store, other: Store, other_settings: Settings
) -> None:
    pair(redis, other_settings, other)
    made = pair(redis, settings, store)
    assert made.store == "0" * 32
    assert made.note
    assert f"The store {Names.of(settings).store} is empty" in made.note
    assert Names.of(other_settings).store in made.note
    assert pair(redis, other_settings, other).note is None, "the other one is not refused"


def test_an_empty_store_that_takes_over_gets_an_id_of_its_own(
    redis: RedisClient, settings: Settings, store: Store, other: Store, other_settings: Settings
) -> None:
    pair(redis, other_settings, other)
    assert pair(redis, settings, store, take_over=True).store not in {None, "0" * 32}
    with pytest.raises(ForeignLedgerError):
        pair(redis, other_settings, other)


def test_an_empty_redis_beside_a_known_store_is_its_new_ledger_and_that_is_said(
    redis: RedisClient, settings: Settings, store: Store
) -> None:
    before = pair(redis, settings, store)
    redis.flushall()
    after = pair(redis, settings, store)
    assert after.store == before.store
    assert after.ledger != before.ledger
    assert after.note
    assert "is new to the store" in after.note
    assert pair(redis, settings, store).note is None, "it is said once"


def test_an_unknown_ledger_with_urls_is_bound_without_a_word(
    redis: RedisClient, settings: Settings, store: Store, make_frontier: Callable[..., Frontier]
) -> None:
    pair(redis, settings.model_copy(update={"key_prefix": "second:"}), store)
    make_frontier().submit([submission("http://a.test/")])  # by a program of the version before, say
    assert pair(redis, settings, store).note is None


def test_a_backup_that_is_restored_belongs_to_its_ledger_still(
    redis: RedisClient, settings: Settings, tmp_path: Path
) -> None:
    url = f"sqlite:///{tmp_path}/a.db"
    with open_store(url) as store:
        pair(redis, settings, store)
        store.identity.note("late", "a ledger that the backup does not know")
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "a.db").rename(tmp_path / "elsewhere" / "b.db")
    with open_store(f"sqlite:///{tmp_path}/elsewhere/b.db") as moved:
        assert pair(redis, settings, moved).note is None


@pytest.mark.parametrize("at", ["settle", "bind", "note"])
def test_a_process_that_dies_between_two_steps_is_made_good_by_the_next(
    redis: RedisClient, settings: Settings, store: Store, monkeypatch: pytest.MonkeyPatch, at: str
) -> None:
    def die(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(LedgerIdentity if at == "bind" else type(store.identity), at, die)
        with pytest.raises(KeyboardInterrupt):
            pair(redis, settings, store)
    made = pair(redis, settings, store)
    assert made.note is None
    assert (store.identity.id, [one.id for one in store.identity.ledgers]) == (made.store, [made.ledger])


def test_a_full_redis_keeps_nobody_from_starting(
    redis: RedisClient, settings: Settings, store: Store
) -> None:
    redis.config_set("maxmemory", 1)
    try:
        made = pair(redis, settings, store)
        assert pair(redis, settings, store) == made
    finally:
        redis.config_set("maxmemory", 0)


def test_who_only_looks_is_warned_and_changes_nothing(
    redis: RedisClient, settings: Settings, store: Store, other: Store, other_settings: Settings
) -> None:
    def look() -> str | None:
        with open_to_read(settings.database_url.get_secret_value()) as reader:
            return foreign(redis, settings, reader)

    assert look() is None, "neither has an identity"
    assert redis.keys() == []
    pair(redis, other_settings, other)
    for settle in (lambda: None, lambda: store.identity.settle("a" * 32)):
        settle()
        line = look()
        assert line
        assert Names.of(other_settings).store in line
    assert store.identity.ledgers == []


def test_a_command_that_does_not_need_the_store_binds_the_ledger_or_is_refused(
    redis: RedisClient, settings: Settings, store: Store, other: Store, other_settings: Settings
) -> None:
    check_ledger(redis, settings)
    assert redis.keys() == [], "a store without an id binds nothing"
    store.identity.settle("a" * 32)
    check_ledger(redis, settings)
    assert store.identity.ledgers == []
    with pytest.raises(ForeignLedgerError, match="--take-over"):
        check_ledger(redis, other_settings)
    check_ledger(redis, other_settings, take_over=True)
    assert pair(redis, other_settings, other).note is None


def test_a_command_that_does_not_need_the_store_never_creates_it_nor_waits_for_it(
    redis: RedisClient, settings: Settings, tmp_path: Path
) -> None:
    LedgerIdentity(redis, settings.key_prefix).bind("a" * 32, "elsewhere")
    nobody = free_port()
    for url in (
        f"sqlite:///{tmp_path}/none/x.db",
        f"postgresql://u@127.0.0.1:{nobody}/n?options=-csearch_path%3Dx",
    ):
        absent = settings.model_copy(update={"database_url": SecretStr(url)})
        check_ledger(redis, absent)
        with pytest.raises(UserError, match="has no identity yet"):
            check_ledger(redis, absent, take_over=True)
    assert not (tmp_path / "none").exists()


def test_a_ledger_is_not_written_down_again_at_every_start(
    redis: RedisClient, settings: Settings, store: Store
) -> None:
    pair(redis, settings, store)
    (before,) = store.identity.ledgers
    pair(redis, settings, store, folder=Path("/elsewhere"))
    assert store.identity.ledgers == [before]
    with store.engine.begin() as connection:
        past = before.last_seen - SEEN_EVERY
        connection.execute(text("UPDATE ledgers SET last_seen = :past"), {"past": past})
    pair(redis, settings, store, folder=Path("/elsewhere"))
    (after,) = store.identity.ledgers
    assert (after.name, after.first_seen) == ("/elsewhere", before.first_seen)
    assert after.last_seen >= before.last_seen


def test_names_show_no_password_and_say_which_prefix_and_which_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    given = {"redis_url": "redis://:hush@redis.test/0", "_env_file": None}
    names = Names.of(load_settings(database_url="postgresql://u:hush@db.test/n", key_prefix="x:", **given))
    assert names == Names("redis://:***@redis.test/0 (prefix x:)", "postgresql://u:***@db.test/n")
    names = Names.of(load_settings(database_url="sqlite:///data/my rows.db", **given))
    assert names == Names("redis://:***@redis.test/0", f"sqlite:///{tmp_path}/data/my rows.db")


def test_a_name_that_a_neighbour_wrote_cannot_control_the_terminal(
    redis: RedisClient, settings: Settings, store: Store, prefix: str
) -> None:
    store.identity.settle("a" * 32)
    evil = b"\x1b[2J\n\xff" + b"x" * 100_000
    redis.hset(f"{prefix}identity", mapping={"ledger": "1", "store": "2", "name": evil})
    with pytest.raises(ForeignLedgerError) as refused:
        pair(redis, settings, store)
    for line in (str(refused.value), foreign(redis, settings, store)):
        assert line
        assert line.isprintable()
        assert len(line) < 1000


def test_a_store_that_replaces_another_at_the_same_place_is_told_apart(
    redis: RedisClient, settings: Settings, store: Store, ledger: LedgerIdentity
) -> None:
    ledger.bind("b" * 32, Names.of(settings).store)
    store.identity.settle("a" * 32)
    with pytest.raises(ForeignLedgerError, match="belongs to an earlier store at"):
        pair(redis, settings, store)


@pytest.fixture
def restored(redis: RedisClient, settings: Settings, store: Store, ledger: LedgerIdentity) -> Store:
    """A store whose ledger has seen more of it than it has: three rows of five."""
    pair(redis, settings, store)
    for number in range(3):
        put(store, f"http://a.test/{number}")
    ledger.note_changes((store.changes.highest() or 0) + 2)
    return store


def test_a_store_that_was_restored_from_a_backup_is_refused_with_what_to_do(
    redis: RedisClient, settings: Settings, restored: Store
) -> None:
    with pytest.raises(OlderStoreError) as refused:
        pair(redis, settings, restored)
    line = str(refused.value)
    names = Names.of(settings)
    assert all(part in line for part in (names.ledger, names.store, "--take-over", "--without-row"))
    assert "is older than" in (foreign(redis, settings, restored) or ""), "who only looks is warned"


def test_a_restored_store_that_takes_over_goes_on_above_what_was_seen(
    redis: RedisClient, settings: Settings, restored: Store, ledger: LedgerIdentity
) -> None:
    seen = ledger.changes()
    pair(redis, settings, restored, take_over=True)
    pair(redis, settings, restored)
    put(restored, "http://a.test/new")
    assert (restored.changes.highest() or 0) > seen, "who has read up to there misses nothing"


def test_a_new_store_in_the_place_of_one_with_rows_is_refused_too(
    redis: RedisClient, settings: Settings, restored: Store, tmp_path: Path
) -> None:
    assert restored
    mistyped = settings.model_copy(update={"database_url": SecretStr(f"sqlite:///{tmp_path}/mistyped.db")})
    with open_store(f"sqlite:///{tmp_path}/mistyped.db") as empty:
        with pytest.raises(OlderStoreError):
            pair(redis, mistyped, empty)
        assert empty.identity.id is None
        pair(redis, mistyped, empty, take_over=True)
        assert pair(redis, mistyped, empty).note is None


PAIR = """
import sys
from workers.ledger.pair import pair
from workers.ledger.redis_client import connect
from workers.settings import load_settings
from workers.store.store import open_store
settings = load_settings(redis_url=sys.argv[1], database_url=sys.argv[2], key_prefix=sys.argv[3], _env_file=None)
print("ready", flush=True)
sys.stdin.readline()
with open_store(sys.argv[2]) as store, connect(settings) as client:
    made = pair(client, settings, store)
print(made.ledger, made.store, made.note)
"""


@pytest.mark.usefixtures("redis")
def test_ten_processes_that_start_at_once_agree(redis_url: str, store_url: str, prefix: str) -> None:
    command = [sys.executable, "-c", PAIR, redis_url, store_url, prefix]
    started = [
        subprocess.Popen(command, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE) for _ in range(10)
    ]
    for one in started:
        assert one.stdout
        assert one.stdout.readline() == "ready\n"
    for one in started:
        assert one.stdin
        one.stdin.write("go\n")
        one.stdin.flush()
    said = [one.communicate()[0].strip() for one in started]
    assert len(set(said)) == 1, said
    assert said[0].endswith(" None")
    with open_to_read(store_url) as store, Redis.from_url(redis_url) as client:
        (known,) = store.identity.ledgers
        assert said[0].split()[:2] == [known.id, store.identity.id]
        assert client.hget(f"{prefix}identity", "store") == said[0].split()[1].encode()


def test_the_servers_of_contents_must_come_in_one_order(
    redis: RedisClient, redis_url: str, settings: Settings
) -> None:
    del redis  # emptied it
    first, second = (f"{redis_url.removesuffix('0')}{number}" for number in (1, 2))

    def listed(*urls: str) -> Settings:
        return load_settings(**{**settings.model_dump(), "content_redis_urls": urls})

    check_content_servers(listed(first, second), "a" * 32)
    check_content_servers(listed(first, second), "a" * 32)
    with pytest.raises(UserError, match=r"is server 2 of 2 .* 1 of 2 for this one"):
        check_content_servers(listed(second, first), "a" * 32)
    with pytest.raises(UserError, match=r"is server 1 of 2 .* 1 of 1 for this one"):
        check_content_servers(listed(first), "a" * 32)
    with pytest.raises(UserError, match="of another store"):
        check_content_servers(listed(first, second), "b" * 32)
    check_content_servers(listed(second, first), "b" * 32, take_over=True)
    check_content_servers(listed(second, first), "b" * 32)
    check_content_servers(listed(), "c" * 32)


COMMANDS = [
    ("scheduler",),
    ("worker", "fetch"),
    ("submit", "http://a.test/"),
    ("submit", "page.html"),
    ("dead", "replay"),
]


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_every_command_that_writes_is_refused_in_one_line(
    redis: RedisClient, settings: Settings, store: Store, tmp_path: Path, command: tuple[str, ...]
) -> None:
    LedgerIdentity(redis, settings.key_prefix).bind("b" * 32, "elsewhere.db")
    store.identity.settle("a" * 32)
    failed = Article(id="1" * 32, url="http://a.test/", submitted_at=1.0, token=1)
    store.write(failed, "a.test", Result(outcome=Outcome.FAILED, stage="fetch", settled_at=2.0))
    (tmp_path / "page.html").write_text("<p>A page.")
    clean = {name: value for name, value in os.environ.items() if not name.startswith("NEWSMILL_")}
    done = subprocess.run(
        [sys.executable, "-m", "workers.cli", *command],
        cwd=tmp_path,
        env={**clean, **settings.environment()},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert (done.returncode, done.stdout) == (2, "")
    (line,) = [one for one in done.stderr.splitlines() if one.startswith("newsmill: ")]
    assert "belongs to the store elsewhere.db" in line
    assert redis.keys(f"{settings.key_prefix}q:*") == []


def test_a_redis_that_is_set_alone_is_not_compared_with_the_database_of_the_folder(
    redis: RedisClient, settings: Settings, tmp_path: Path
) -> None:
    LedgerIdentity(redis, settings.key_prefix).bind("b" * 32, "elsewhere.db")
    (tmp_path / "data").mkdir()
    with open_store(f"sqlite:///{tmp_path}/data/newsmill.db") as store:
        store.identity.settle("a" * 32)
    clean = {name: value for name, value in os.environ.items() if not name.startswith("NEWSMILL_")}
    given = settings.environment()
    names = ("NEWSMILL_REDIS_URL", "NEWSMILL_KEY_PREFIX")
    done = subprocess.run(
        [sys.executable, "-m", "workers.cli", "submit", "http://a.test/"],
        cwd=tmp_path,
        env={**clean, **{name: given[name] for name in names}},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert (done.returncode, done.stderr) == (0, "")
