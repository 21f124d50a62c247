"""`newsmill run`, as a user has it: the demo in an empty folder, undisturbed, again, and with kill -9 all around."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from redis import Redis
from redis.exceptions import RedisError

from seeds.demo import differences
from tasks.article import Outcome
from tasks.errors import Reason
from workers.ledger.redis_client import pool_of
from workers.local.redis_server import free_port
from workers.redis_address import RedisAddress
from workers.store.store import open_store

pytestmark = pytest.mark.timeout(300)

#: What differs between two runs that did the same work.
_PASSING = {
    "fetched_at",
    "record",
    "token",
    "submitted_at",
    "settled_at",
    "timings",
    "history",
    "attempts",
    "deferrals",
    "detail",
}

#: What one of two copies has, and the other not.
_OF_THE_FIRST = (
    "outcome",
    "stage",
    "duplicate_of",
    "topics",
    "tagger",
    "tagger_version",
    "taxonomy",
    "taxonomy_release",
)


class Run:
    """One `newsmill run --demo` in a folder of its own."""

    def __init__(self, folder: Path, port: int, **variables: str) -> None:
        self.folder = folder
        settings = {"NEWSMILL_DATA_DIR": str(folder), "NEWSMILL_DEMO_PORT": str(port)}
        self._env = {**os.environ, **settings, **variables}
        self.process: subprocess.Popen[str] | None = None

    def start(self) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "workers.cli", "run", "--demo"],
            env=self._env,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )

    def finish(self) -> tuple[int, str]:
        assert self.process is not None
        output, _ = self.process.communicate()
        return self.process.returncode, output

    def end(self) -> None:
        if self.process is not None and self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.communicate()

    def complete(self) -> tuple[int, str]:
        self.start()
        return self.finish()

    def rows(self) -> dict[str, dict[str, Any]]:
        with open_store(f"sqlite:///{self.folder / 'newsmill.db'}") as store:
            return {row["url"]: {**row["record"], **row} for row in store.rows()}

    def pid_of(self, words: str) -> int | None:
        """Return the pid of the run's process whose command line has `words`."""
        noted = self.folder / "run.pids"
        pids = [int(line) for line in noted.read_text().split()] if noted.exists() else []
        return next((pid for pid in pids if words in _command_line(pid)), None)

    def settled(self) -> int:
        """Return how many URLs have an outcome, -1 while there is no Redis to ask."""
        try:
            address = RedisAddress.of((self.folder / "run.redis").read_text())
            with Redis.from_pool(pool_of(address)) as client:
                counts = client.hgetall("newsmill:counts")
        except (OSError, RedisError, ValueError):
            return -1
        return sum(int(counts.get(letter, 0)) for letter in (b"e", b"d", b"r", b"x"))

    def wait_for(self, what: Callable[[], bool]) -> None:
        assert self.process is not None
        while not what():
            assert self.process.poll() is None, "the run ended before there was anything to disturb"
            time.sleep(0.02)


def _command_line(pid: int) -> str:
    try:
        return (Path("/proc") / str(pid) / "cmdline").read_bytes().replace(b"\0", b" ").decode()
    except OSError:
        return ""


def _child_of(pid: int) -> int | None:
    found = subprocess.run(
        ["pgrep", "-P", str(pid)], capture_output=True, text=True, check=False
    ).stdout.split()
    return int(found[0]) if found else None


def _unlike(rows: dict[str, dict[str, Any]], others: dict[str, dict[str, Any]]) -> list[str]:
    """Return where the rows of two runs differ, a field a line; what passes and what is chance left out."""
    one, other = _comparable(rows), _comparable(others)
    absent = [f"{url} is in one run only" for url in sorted(one.keys() ^ other.keys())]
    return absent + [
        f"{url} {field}: {one[url].get(field)!r} / {other[url].get(field)!r} ({rows[url]['history']})"
        for url in sorted(one.keys() & other.keys())
        for field in sorted(one[url].keys() | other[url].keys())
        if one[url].get(field) != other[url].get(field)
    ]


def _comparable(rows: dict[str, dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """Return the rows without what passes and what is chance.

    Chance is which of two copies, exact or near, came first, and what the host had repeated by then.
    """
    pairs = {row["duplicate_of"]: url for url, row in rows.items() if row["duplicate_of"]}
    twins = set(pairs) | set(pairs.values())
    kept = {}
    for url, row in rows.items():
        fields = {name: value for name, value in row.items() if name not in _PASSING}
        if url in twins:
            for name in _OF_THE_FIRST:
                fields.pop(name, None)
        # `differences` sees to it that one of two names the other.
        fields.pop("near_duplicate_of")
        fields.pop("near_score", None)
        fields.pop("repeated_paragraphs", None)
        kept[url] = fields
    return kept


@pytest.fixture
def run(tmp_path: Path) -> Iterator[Run]:
    """A run in an empty folder, not started."""
    run = Run(tmp_path, _PORT)
    yield run
    run.end()


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> tuple[Run, int, str]:
    run = Run(tmp_path_factory.mktemp("run"), _PORT)
    return run, *run.complete()


#: One port for all runs here: the URLs, and so the rows, have it in them.
_PORT = free_port()


def test_every_url_of_the_demo_ends_as_it_must(undisturbed: tuple[Run, int, str]) -> None:
    run, code, output = undisturbed
    assert code == 0, output
    assert differences(run.rows(), _PORT) == []


def test_every_outcome_and_every_reason_a_page_can_have_occurs(undisturbed: tuple[Run, int, str]) -> None:
    rows = undisturbed[0].rows().values()
    assert {row["outcome"] for row in rows} == set(Outcome)
    # Not in the demo: TLS, a row that no database takes, waiting for another host's budget, what an operator says of a
    # host, a second visit, what a setting rejects, and pages that a worker
    # dies of or fails on, of which none is known any more (tests/faults has stages that do).
    elsewhere = {
        Reason.TLS,
        Reason.ROW_REFUSED,
        Reason.HOST_BUSY,
        Reason.HOST_DENIED,
        Reason.HOST_PAUSED,
        Reason.UNCHANGED,
        Reason.OPTED_OUT,
        Reason.LANGUAGE,
        Reason.CRASHED,
        Reason.TIMEOUT,
        Reason.ERROR,
    }
    assert {row["reason"] for row in rows} - {None} == set(Reason) - elsewhere


def test_the_report_shows_outcomes_titles_and_where_the_data_is(undisturbed: tuple[Run, int, str]) -> None:
    run, _, output = undisturbed
    assert "too_many_redirects" in output
    assert "The first 10 enriched articles" in output
    assert str(run.folder / "newsmill.db") in output.replace("\n", "")


def test_the_scheduler_and_the_fetch_worker_logged_no_traceback(undisturbed: tuple[Run, int, str]) -> None:
    logs = undisturbed[0].folder / "logs"
    assert "Traceback" not in (logs / "scheduler.log").read_text() + (logs / "fetch.log").read_text()


def test_a_second_run_says_so_and_does_no_work(undisturbed: tuple[Run, int, str]) -> None:
    run = undisturbed[0]
    before = run.rows()
    code, output = run.complete()
    assert code == 0
    assert "were already done" in output
    assert run.rows() == before


def test_rows_are_the_same_when_every_process_was_killed_once(
    undisturbed: tuple[Run, int, str], run: Run
) -> None:
    run.start()
    goal = 2
    for words in ("worker fetch", "scheduler", "worker enrich child", "redis-server", "worker enrich"):
        run.wait_for(lambda: run.settled() >= goal)  # noqa: B023 - called at once
        name = words.removesuffix(" child")
        run.wait_for(lambda: run.pid_of(name) is not None)  # noqa: B023
        pid = run.pid_of(name)
        assert pid is not None
        if words.endswith("child"):
            run.wait_for(lambda: _child_of(pid) is not None)  # noqa: B023
            pid = _child_of(pid)
            assert pid is not None
        os.kill(pid, signal.SIGKILL)
        goal += 5
    code, output = run.finish()
    assert code == 0, output
    assert _unlike(run.rows(), undisturbed[0].rows()) == []


def test_a_run_that_was_killed_with_all_it_had_is_carried_on(
    undisturbed: tuple[Run, int, str], run: Run
) -> None:
    for goal in (1, 15):
        run.start()
        run.wait_for(lambda: run.settled() >= goal)  # noqa: B023
        assert run.process is not None
        os.killpg(run.process.pid, signal.SIGKILL)
        run.finish()
    code, output = run.complete()
    assert code == 0, output
    assert _unlike(run.rows(), undisturbed[0].rows()) == []


def test_ctrl_c_ends_it_and_the_next_run_continues(undisturbed: tuple[Run, int, str], run: Run) -> None:
    run.start()
    run.wait_for(lambda: run.settled() >= 10)
    assert run.process is not None
    os.killpg(run.process.pid, signal.SIGINT)
    code, output = run.finish()
    assert code == 130, output
    assert "The next run continues" in output
    code, output = run.complete()
    assert code == 0, output
    assert _unlike(run.rows(), undisturbed[0].rows()) == []


def test_two_runs_in_one_folder_do_not_meet(run: Run, tmp_path: Path) -> None:
    second = Run(tmp_path, _PORT)
    run.start()
    run.wait_for(lambda: run.pid_of("redis-server") is not None)
    code, output = second.complete()
    assert code == 2
    assert "Another run uses" in output
    assert "Traceback" not in output
    assert run.process is not None
    os.killpg(run.process.pid, signal.SIGINT)
    run.finish()


def test_a_stage_with_a_queue_of_its_own_gets_a_worker(
    undisturbed: tuple[Run, int, str], tmp_path: Path
) -> None:
    queues = Run(tmp_path, _PORT, NEWSMILL_QUEUES='{"tag_topics": "topics"}')
    code, output = queues.complete()
    assert code == 0, output
    assert _unlike(queues.rows(), undisturbed[0].rows()) == []
    assert (queues.folder / "logs" / "topics.log").exists()


def test_files_named_like_our_packages_in_the_working_folder_change_nothing(tmp_path: Path) -> None:
    for name in ("tasks.py", "workers.py", "monitoring.py", "celery.py"):
        (tmp_path / name).write_text("raise RuntimeError('this is not newsmill')")
    (tmp_path / "a.txt").write_text("The ferry line opens in the harbour.")
    newsmill = str(Path(sys.executable).with_name("newsmill"))
    ended = subprocess.run(
        [newsmill, "run", "a.txt"], cwd=tmp_path, capture_output=True, text=True, timeout=120, check=False
    )
    assert ended.returncode == 0, ended.stderr
    with open_store(f"sqlite:///{tmp_path}/data/newsmill.db") as store:
        assert [row["outcome"] for row in store.rows()] == ["enriched"]


def test_a_database_that_is_set_is_the_one_that_is_used(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("The ferry line opens in the harbour.")
    url = f"sqlite:///{tmp_path}/mine.db"
    ended = subprocess.run(
        [sys.executable, "-m", "workers.cli", "run", str(tmp_path / "a.txt")],
        env={**os.environ, "NEWSMILL_DATABASE_URL": url, "NEWSMILL_DATA_DIR": str(tmp_path / "data")},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert ended.returncode == 0, ended.stderr
    with open_store(url) as store:
        assert [row["outcome"] for row in store.rows()] == ["enriched"]
    assert not (tmp_path / "data" / "newsmill.db").exists()
    assert str(tmp_path / "mine.db") in ended.stderr.replace("\n", "")
