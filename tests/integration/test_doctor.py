"""`newsmill doctor`: each kind of trouble is found and named with what to do, and nothing is changed."""

import json
import os
import socket
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from ipaddress import ip_network
from pathlib import Path
from typing import Any, NamedTuple

import psycopg
import pytest
from prometheus_client import CollectorRegistry, Gauge
from redis import Redis
from sqlalchemy import text
from sqlalchemy.engine import make_url

from monitoring.exporter import serve
from tests.integration.old_store import make_old_store
from workers.inspect import doctor
from workers.inspect.connections import frontier_on
from workers.inspect.doctor import Finding, Level, examine, machine_checks, program_checks, redis_checks
from workers.inspect.doctor.finding import ok
from workers.ledger.entries import Deferral
from workers.ledger.identity import LedgerIdentity
from workers.ledger.pair import Pair, pair
from workers.ledger.processes import Process, Processes
from workers.ledger.redis_client import RedisClient
from workers.ledger.submit import submission
from workers.local.redis_server import free_port
from workers.settings import Settings, load_settings
from workers.store import diagnosis
from workers.store.engine import CONNECTIONS, sqlite_file
from workers.store.migrations import latest
from workers.store.schema import metadata
from workers.store.store import Store

Change = Callable[..., Settings]
PAIR = Pair("1" * 32, "2" * 32, "rows.db")


class Usage(NamedTuple):
    """What shutil.disk_usage returns."""

    total: int
    used: int
    free: int


@pytest.fixture
def change(redis_url: str, prefix: str, tmp_path: Path) -> Change:
    """Make settings of a healthy system on SQLite, some of them changed."""
    healthy: dict[str, Any] = {
        "redis_url": redis_url,
        "database_url": f"sqlite:///{tmp_path}/newsmill.db",
        "key_prefix": prefix,
        "data_dir": tmp_path,
        "contact": "https://newsroom.test/bot",
        "resolve": {"example.com": "1.1.1.1"},
        "demo_port": free_port(),
    }
    return lambda **changes: load_settings(_env_file=None, **{**healthy, **changes})


@pytest.fixture
def settings(change: Change, redis: RedisClient, store_url: str) -> Settings:
    """The settings of a healthy system on either database."""
    del redis  # an empty one
    return change(database_url=store_url)


@pytest.fixture
def config(redis: RedisClient) -> Iterator[Callable[[str, object], None]]:
    """Change Redis's configuration until the test ends."""
    before: dict[str, Any] = {}

    def set_(name: str, value: object) -> None:
        before.setdefault(name, redis.config_get(name)[name])
        redis.config_set(name, value)

    yield set_
    for name, value in before.items():
        redis.config_set(name, value)


@pytest.fixture
def postgres(postgres_url: str) -> Iterator[Store]:
    """A PostgreSQL with newsmill's tables."""
    with closing(Store(postgres_url)) as store:
        metadata.drop_all(store.engine)
        store.migrate()
        yield store


@pytest.fixture
def visitor(postgres: Store, postgres_url: str) -> Iterator[str]:
    """A role without any right in there; its URL."""
    with postgres.engine.begin() as connection:
        connection.execute(text("CREATE ROLE visitor LOGIN"))
    yield postgres_url.replace("postgres:@", "visitor@")
    with postgres.engine.begin() as connection:
        connection.execute(text("DROP OWNED BY visitor; DROP ROLE visitor"))


def found(settings: Settings, check: str | None = None) -> Mapping[str, Finding]:
    """Return the findings by their checks."""
    checks = doctor.CHECKS if check is None else {check: doctor.CHECKS[check]}
    return {one.check: one for one in examine(settings, checks)}


def troubles(settings: Settings) -> dict[str, str]:
    return {name: one.found for name, one in found(settings).items() if one.level is Level.TROUBLE}


def work(redis: RedisClient, prefix: str, *, version: str | None = None) -> None:
    """Let all kinds of processes be at work."""
    table = Processes(redis, prefix)
    for kind, *queues in (("scheduler",), ("worker", "fetch"), ("worker", "enrich")):
        table.beat(
            str(queues),
            Process(kind, "host", 7, version or program_checks.version("newsmill"), tuple(queues)),
            PAIR,
        )


def test_a_healthy_system_is_ok_in_every_respect(
    settings: Settings, store: Store, redis: RedisClient, prefix: str
) -> None:
    pair(redis, settings, store)
    work(redis, prefix)
    findings = found(settings)
    assert {name: one.found for name, one in findings.items() if one.level is not Level.OK} == {}
    assert {
        "Redis",
        "Redis persistence",
        "database",
        "database tables",
        "database rights",
        "identity",
    } <= findings.keys()
    assert {
        "scheduler",
        "worker fetch",
        "worker enrich",
        "clock",
        "disk",
        "DNS",
        "packages",
    } <= findings.keys()
    assert "belongs to this store" in findings["identity"].found
    assert all(not one.advice for one in findings.values())


def test_nothing_is_created_or_changed(change: Change, redis: RedisClient, tmp_path: Path) -> None:
    settings = change(database_url=f"sqlite:///{tmp_path}/none/x.db", data_dir=tmp_path / "data")
    redis.set("mine", "1")
    findings = found(settings)
    assert "not there yet" in findings["database"].found
    assert findings["database"].level is Level.OK
    assert redis.keys() == [b"mine"]
    assert list(tmp_path.iterdir()) == []


def test_an_empty_database_stays_empty(settings: Settings, store_url: str) -> None:
    file = sqlite_file(store_url)
    if file:
        file.touch()
    assert found(settings)["database tables"].found == "none yet; the first worker creates them"
    with closing(Store(store_url)) as store, store.engine.connect() as connection:
        assert not connection.dialect.has_table(connection, "articles")


@pytest.mark.parametrize(
    ("setting", "check", "told"),
    [
        (("appendonly", "no"), "Redis persistence", "a restart loses the URLs that wait"),
        (("maxmemory-policy", "allkeys-lru"), "Redis eviction", "Redis may delete URLs that wait"),
        (("maxmemory", 1), "Redis writing", "Redis is full"),
        (("maxmemory", 1), "Redis memory", "of 0.0 MB"),
        (("min-replicas-to-write", 1), "Redis writing", "refused: "),
    ],
)
def test_a_redis_that_is_set_up_wrongly_is_named(
    change: Change, config: Callable[[str, object], None], setting: tuple[str, object], check: str, told: str
) -> None:
    config(*setting)
    one = found(change(), "Redis")[check]
    assert one.level is Level.TROUBLE
    assert told in one.found
    assert one.advice.endswith(".")


def test_a_replica_is_named(change: Change, redis: RedisClient) -> None:
    redis.replicaof("127.0.0.1", free_port())
    try:
        findings = found(change(), "Redis")
    finally:
        redis.replicaof("NO", "ONE")
    assert (findings["Redis role"].found, findings["Redis writing"].found) == ("a replica", "read-only")


@pytest.mark.parametrize(
    ("info", "level"),
    [
        ({"redis_version": "6.0.20"}, Level.TROUBLE),
        ({"redis_version": "6.2.0"}, Level.OK),
        ({"redis_version": "8.4.1"}, Level.OK),
        ({"redis_version": "9.0.0"}, Level.WARNING),
        ({"redis_version": "unstable"}, Level.TROUBLE),
        ({"redis_version": "7.2.4", "valkey_version": "9.1.2"}, Level.OK),
        ({"redis_version": "7.2.4", "valkey_version": "10.0.0"}, Level.WARNING),
    ],
    ids=str,
)
def test_versions_of_redis_are_told_apart(info: dict[str, Any], level: Level) -> None:
    assert redis_checks.version("Redis", info).level is level


@pytest.mark.parametrize(
    ("look", "info", "level"),
    [
        (redis_checks.memory, {"used_memory": 84, "maxmemory": 100}, Level.OK),
        (redis_checks.memory, {"used_memory": 86, "maxmemory": 100}, Level.TROUBLE),
        (redis_checks.role, {"role": "master", "cluster_enabled": 1}, Level.TROUBLE),
        (redis_checks.eviction, {"maxmemory_policy": "noeviction", "evicted_keys": 3}, Level.WARNING),
        (
            redis_checks.append_only,
            {"aof_enabled": 1, "aof_last_write_status": "err", "aof_last_bgrewrite_status": "ok"},
            Level.TROUBLE,
        ),
    ],
)
def test_what_redis_says_of_itself_is_judged(look: Any, info: dict[str, Any], level: Level) -> None:
    assert look("Redis", info).level is level


def test_a_redis_that_does_not_answer_is_one_finding_without_its_password(change: Change) -> None:
    url = f"redis://:hush@127.0.0.1:{free_port()}/0"
    findings = [one for one in examine(change(redis_url=url)) if one.level is Level.TROUBLE]
    assert [one.check for one in findings] == ["Redis"]
    assert "hush" not in str(findings)
    assert findings[0].advice == "Start it, or set NEWSMILL_REDIS_URL."


def test_a_redis_that_wants_a_password_says_so(
    settings: Settings, config: Callable[[str, object], None], redis: RedisClient
) -> None:
    config("requirepass", "hush")
    try:
        one = found(settings, "Redis")["Redis"]
    finally:
        redis.execute_command("AUTH", "hush")
    assert one.level is Level.TROUBLE
    assert one.found.endswith("asks for a password, or refuses the one in the URL")
    assert "NEWSMILL_REDIS_URL" in one.advice


def test_every_content_redis_is_looked_at(change: Change, redis_url: str, redis: RedisClient) -> None:
    del redis
    nobody = f"redis://127.0.0.1:{free_port()}/0"
    findings = found(change(content_redis_urls=(redis_url, nobody)), "content Redis")
    assert findings["content Redis 1"].level is Level.OK
    assert "NEWSMILL_CONTENT_REDIS_URLS" in findings["content Redis 2"].advice


def test_servers_that_hang_delay_nobody_for_long(change: Change) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        hanging = change(
            redis_url=f"redis://127.0.0.1:{port}/0", database_url=f"postgresql://u@127.0.0.1:{port}/n"
        )
        began = time.monotonic()
        findings = found(hanging)
        assert time.monotonic() - began < doctor.DEADLINE + 5
    assert {findings[name].level for name in ("Redis", "database")} == {Level.TROUBLE}
    assert findings["disk"].level is Level.OK


def test_a_check_that_never_ends_or_breaks_hides_no_other(settings: Settings) -> None:
    never = threading.Event()

    def hang(_: Settings) -> list[Finding]:
        never.wait()
        return []

    def break_(_: Settings) -> list[Finding]:
        raise KeyError("a bug")

    findings = examine(settings, {"a": hang, "b": break_, "c": lambda _: [ok("c", "fine")]}, deadline=0.2)
    never.set()
    assert [(one.check, one.level) for one in findings] == [
        ("a", Level.TROUBLE),
        ("b", Level.TROUBLE),
        ("c", Level.OK),
    ]
    assert "no answer within 0.2 s" in findings[0].found
    assert "a bug" in findings[1].found


def test_an_older_store_is_ok_and_a_newer_or_incomplete_one_is_not(
    settings: Settings, store_url: str
) -> None:
    make_old_store(store_url)
    one = found(settings, "database")["database tables"]
    assert (one.level, one.found) == (
        Level.OK,
        f"version 1; the next worker that starts brings them to {latest('sqlite')}",
    )
    with closing(Store(store_url)) as store:
        store.migrate()
        with store.engine.begin() as connection:
            connection.execute(text("ALTER TABLE documents DROP COLUMN body"))
        assert "lacks documents.body" in found(settings, "database")["database tables"].found
        with store.engine.begin() as connection:
            connection.execute(
                text("INSERT INTO schema_migrations SELECT 99, max(applied_at) FROM schema_migrations")
            )
    one = found(settings, "database")["database tables"]
    assert (one.level, one.advice) == (Level.TROUBLE, "Upgrade newsmill here, too.")


def test_a_role_without_rights_is_told_which_are_missing(
    change: Change, postgres: Store, visitor: str
) -> None:
    one = found(change(database_url=visitor), "database")["database tables"]
    assert one.level is Level.TROUBLE
    assert "permission denied" in one.found
    grant = "GRANT SELECT ON ALL TABLES IN SCHEMA public TO visitor; REVOKE SELECT ON cursors FROM visitor"
    with postgres.engine.begin() as connection:
        connection.execute(text(grant))
    one = found(change(database_url=visitor), "database")["database rights"]
    assert one.level is Level.TROUBLE
    assert "articles (SELECT" not in one.found
    assert "articles (INSERT, UPDATE, DELETE)" in one.found
    assert "cursors (SELECT, INSERT, UPDATE, DELETE)" in one.found


@pytest.mark.parametrize("more", [0, 1])
def test_a_postgresql_without_room_for_another_worker_is_named(
    change: Change, postgres: Store, postgres_url: str, more: int
) -> None:
    with postgres.engine.connect() as connection:
        used, most = diagnosis.connections(connection)
    assert most == 97
    # One of those that are used then is doctor's own.
    held = [psycopg.connect(postgres_url) for _ in range(most - used - CONNECTIONS - 1 + more)]
    try:
        one = found(change(database_url=postgres_url), "database")["database connections"]
    finally:
        for connected in held:
            connected.close()
    assert one.level is (Level.WARNING if more else Level.OK)
    assert f"{93 + more} of 97 in use" in one.found


@pytest.mark.usefixtures("postgres")
def test_a_postgresql_that_takes_no_writes_is_named(change: Change, postgres_url: str) -> None:
    read_only = make_url(postgres_url).update_query_dict({"options": "-c default_transaction_read_only=on"})
    url = read_only.render_as_string(hide_password=False)
    assert (
        found(change(database_url=url), "database")["database rights"].found
        == "read-only: a standby, or set so"
    )


def test_an_sqlite_file_that_another_program_holds_is_named(change: Change, tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/held.db"
    with closing(Store(url)) as store:
        store.migrate()
        with closing(sqlite3.connect(tmp_path / "held.db", isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            one = found(change(database_url=url), "database")["database rights"]
    assert one.level is Level.TROUBLE
    assert "is locked by another program" in one.found


def test_a_file_that_is_no_database_is_named(change: Change, tmp_path: Path) -> None:
    (tmp_path / "x.db").write_text("a letter, not a database\n" * 100)
    one = found(change(database_url=f"sqlite:///{tmp_path}/x.db"), "database")["database"]
    assert one.level is Level.TROUBLE
    assert "not a database" in one.found


@pytest.mark.usefixtures("store")
def test_a_database_that_took_no_rows_of_workers_is_named(settings: Settings, redis: RedisClient) -> None:
    frontier = frontier_on(redis, settings)
    frontier.submit([submission("http://a.test/")])
    (lease,) = frontier.claim(1)
    frontier.start(lease.article, "fetch")
    frontier.defer(
        lease.article, Deferral.SYSTEM, "fetch", reason="x", detail="disk full: x\ny", store_away=True
    )
    one = found(settings, "rows")["database writing"]
    assert (one.level, one.found) == (Level.TROUBLE, "takes no rows of workers: disk full: x y")


def test_an_sqlite_file_on_a_full_disk_is_named(
    change: Change, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = f"sqlite:///{tmp_path}/full.db"
    with closing(Store(url)) as store:
        store.migrate()

    def full(*_: object) -> bool:
        raise sqlite3.OperationalError("database or disk is full")

    monkeypatch.setattr(diagnosis, "is_locked", full)
    one = found(change(database_url=url), "database")["database rights"]
    assert (one.level, one.advice) == (Level.TROUBLE, "Make room on its disk, or mend it.")
    assert one.found.endswith("full.db cannot be written: database or disk is full")


def test_a_ledger_of_another_store_is_named(
    settings: Settings, store: Store, redis: RedisClient, prefix: str
) -> None:
    assert "the ledger is new" in found(settings, "identity")["identity"].found
    LedgerIdentity(redis, prefix).bind("9" * 32, "other.db")
    assert found(settings, "identity")["identity"].level is Level.WARNING
    store.identity.settle("8" * 32)
    one = found(settings, "identity")["identity"]
    assert one.level is Level.TROUBLE
    assert "belongs to the store other.db" in one.found
    assert "--take-over" in one.advice


def test_missing_workers_are_trouble_only_while_urls_wait(
    settings: Settings, redis: RedisClient, prefix: str
) -> None:
    assert {one.level for one in found(settings, "processes").values()} == {Level.WARNING}
    frontier_on(redis, settings).submit([submission("http://a.test/")])
    findings = found(settings, "processes")
    assert [(name, one.found, one.advice) for name, one in findings.items()] == [
        (name, "none runs, and a URL waits", f"Start `newsmill {name}`.")
        for name in ("scheduler", "worker fetch", "worker enrich")
    ]
    work(redis, prefix, version="0.0.1")
    findings = found(settings, "processes")
    assert findings["worker fetch"].found == "host (pid 7)"
    assert "processes of version 0.0.1 run" in findings["versions"].found


def test_a_wrong_clock_is_a_warning(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    real = time.time
    monkeypatch.setattr(time, "time", lambda: real() + 600)
    one = found(settings, "clock")["clock"]
    assert one.level is Level.WARNING
    assert "600 s ahead of " in one.found


@pytest.mark.parametrize(
    ("free", "level"), [(2e9, Level.OK), (5e8, Level.WARNING), (1e7, Level.TROUBLE)], ids=str
)
def test_a_full_disk_is_named(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, free: float, level: Level
) -> None:
    monkeypatch.setattr(machine_checks.shutil, "disk_usage", lambda _: Usage(1e12, 0, int(free)))
    assert {one.level for one in found(settings, "disk").values()} == {level}


def test_name_servers_that_fail_or_lie_are_named(change: Change, monkeypatch: pytest.MonkeyPatch) -> None:
    assert found(change(resolve={"example.com": "10.1.2.3"}), "DNS")["DNS"].level is Level.TROUBLE
    allowed = change(resolve={"example.com": "10.1.2.3"}, allow_networks=(ip_network("10.0.0.0/8"),))
    assert found(allowed, "DNS")["DNS"].level is Level.OK

    def silent(*_: object) -> None:
        raise TimeoutError("DNS did not answer within 2.0 s")

    monkeypatch.setattr("tasks.fetch.resolver.Resolver.__call__", silent)
    one = found(change(resolve={}), "DNS")["DNS"]
    assert (one.level, one.found) == (
        Level.TROUBLE,
        "cannot resolve example.com: DNS did not answer within 2.0 s",
    )


def test_a_port_is_free_or_newsmills_or_another_programs(change: Change) -> None:
    registry = CollectorRegistry()
    Gauge("newsmill_up", "It is.", registry=registry)
    ours = serve(0, "127.0.0.1", registry)
    with socket.create_server(("127.0.0.1", 0)) as other:
        levels = {
            port: found(change(metrics_port=port), "port")["metrics port"].level
            for port in (ours, free_port(), other.getsockname()[1])
        }
        demo = found(change(demo_port=other.getsockname()[1]), "port")
    assert list(levels.values()) == [Level.OK, Level.OK, Level.TROUBLE]
    assert demo["demo port"].level is Level.WARNING
    assert "metrics port" not in demo


def test_a_variable_that_is_no_setting_is_a_warning(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NEWSMILL_HOST_INTERVALL", "5")
    one = found(settings, "settings")["settings"]
    assert (one.level, one.advice) == (Level.WARNING, "Did you mean NEWSMILL_HOST_INTERVAL?")


def test_packages_that_do_not_fit_are_named(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    real = program_checks.version
    monkeypatch.setattr(program_checks, "version", lambda name: "99.0" if name == "celery" else real(name))
    one = found(settings, "packages")["packages"]
    assert one.level is Level.TROUBLE
    assert one.found == "celery 99.0 (needed: <5.8,>=5.7)"


def run_doctor(folder: Path, settings: Settings, *arguments: str) -> "subprocess.CompletedProcess[str]":
    clean = {name: value for name, value in os.environ.items() if not name.startswith("NEWSMILL_")}
    return subprocess.run(
        [sys.executable, "-m", "workers.cli", "doctor", *arguments],
        cwd=folder,
        env={**clean, **settings.environment()},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


@pytest.mark.usefixtures("store")
def test_the_command_prints_a_line_a_check_and_ends_with_1_where_there_is_trouble(
    settings: Settings, tmp_path: Path, redis: RedisClient
) -> None:
    done = run_doctor(tmp_path, settings)
    assert done.returncode == 0
    lines = done.stdout.splitlines()
    assert lines[0] == "ok       settings: all variables are known."
    assert "warning  scheduler: none runs. Start `newsmill scheduler`." in lines
    assert done.stderr == f"{len(lines) - 3} ok, 3 warnings, 0 in trouble\n"
    frontier_on(redis, settings).submit([submission("http://a.test/")])
    done = run_doctor(tmp_path, settings, "--json")
    assert (done.returncode, done.stderr) == (1, "")
    by_check = {one["check"]: one for one in json.loads(done.stdout)}
    assert by_check["worker fetch"] == {
        "check": "worker fetch",
        "ok": False,
        "level": "trouble",
        "found": "none runs, and a URL waits",
        "advice": "Start `newsmill worker fetch`.",
    }
    assert by_check["DNS"]["ok"] is True
    done = run_doctor(tmp_path, settings, "--quiet")
    assert [line.split()[0] for line in done.stdout.splitlines()] == ["trouble"] * 3


def test_a_name_with_control_characters_reaches_no_terminal(
    change: Change, tmp_path: Path, redis: RedisClient, prefix: str
) -> None:
    LedgerIdentity(redis, prefix).bind("9" * 32, "\x1b[2J\x07evil[bold]\n")
    hostile = change(database_url=f"sqlite:///{tmp_path}/\x1b[31mred\x9b.db")
    done = run_doctor(tmp_path, hostile)
    assert not {"\x1b", "\x07"} & set(done.stdout)
    assert "evil[bold]" in done.stdout
    told = json.loads(run_doctor(tmp_path, hostile, "--json").stdout)
    assert any("\x1b[31mred\x9b.db" in one["found"] for one in told)


def test_a_redis_that_a_test_has_changed_is_as_before(redis_url: str) -> None:
    with Redis.from_url(redis_url) as client:
        assert client.config_get("appendonly")["appendonly"] == "yes"


def test_another_list_of_tracking_parameters_is_found(
    settings: Settings, redis: RedisClient, prefix: str
) -> None:
    assert found(settings, "tracking parameters") == {}
    redis.hset(f"{prefix}identity", "keys", settings.url_keys.version)
    assert found(settings, "tracking parameters") == {}
    redis.hset(f"{prefix}identity", "keys", "another")
    finding = found(settings, "tracking parameters")["tracking parameters"]
    assert finding.level is Level.TROUBLE
    assert "NEWSMILL_TRACKING_PARAMETERS" in finding.advice
