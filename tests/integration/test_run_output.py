"""What `newsmill run` writes where: a report, one JSON value, nothing but the report, a log; and its exit codes."""

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

pytestmark = pytest.mark.timeout(300)

#: A host that no resolver knows (RFC 6761, 6.4).
DEAD = "http://no-such-host.invalid/story"
TEXT = "The ferry line across the harbour opens in spring, after nine years of building. " * 5
QUICK = {"NEWSMILL_MAX_DEFERRALS": "0", "NEWSMILL_BACKOFF_BASE": "0.1", "NEWSMILL_BACKOFF_CAP": "0.1"}


def environment(**variables: str) -> dict[str, str]:
    clean = {name: value for name, value in os.environ.items() if not name.startswith("NEWSMILL_")}
    return {**clean, "COLUMNS": "40", **variables}


def newsmill(folder: Path, *arguments: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-m", "workers.cli", *arguments],
        cwd=folder,
        env=environment(**QUICK),
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a document, whose name has a space, as the folder's has."""
    folder = tmp_path_factory.mktemp("a run")
    (folder / "a b.txt").write_text(TEXT)
    return folder


@pytest.fixture(scope="module")
def first(folder: Path) -> "subprocess.CompletedProcess[str]":
    """The first run there."""
    return newsmill(
        folder,
        "run",
        "a b.txt",
        DEAD,
        "ftp://x.test/",
        "--json",
        "-v",
        "--log-file",
        "my log.txt",
        "--data",
        "my data",
    )


def test_json_is_one_value_on_standard_output(first: "subprocess.CompletedProcess[str]") -> None:
    assert first.returncode == 0, first.stderr
    found = json.loads(first.stdout)
    assert first.stdout.count("\n") == 1
    seconds, database = found.pop("seconds"), found.pop("database")
    assert 0 < seconds < 120
    assert database.endswith("my data/newsmill.db")
    assert found == {
        "done": True,
        "unsettled": 0,
        "submitted": {"queued": 2, "in_progress": 0, "already_done": 0, "repeated": 0, "refused": 1},
        "outcomes": {"enriched": 1, "duplicate": 0, "rejected": 0, "failed": 1},
        "reasons": [
            {"outcome": "enriched", "reason": None, "count": 1},
            {"outcome": "failed", "reason": "unreachable", "count": 1},
        ],
    }


def test_words_go_to_standard_error(first: "subprocess.CompletedProcess[str]", folder: Path) -> None:
    report = first.stderr
    assert "ftp://x.test/" in report
    assert "No contact is set" in report
    assert f"The enriched article\n(no title)\n    {(folder / 'a b.txt').as_uri()}\n" in report
    assert "Export: newsmill export --output articles.csv --data 'my data'\n" in report
    table = report[report.index("Outcomes of the URLs") : report.index("The enriched article")].splitlines()
    assert re.fullmatch("outcome +reason +URLs", table[1])
    assert max(map(len, table)) <= 40


def test_verbose_logs_details_of_this_process_and_of_its_children(
    first: "subprocess.CompletedProcess[str]", folder: Path
) -> None:
    assert first.returncode == 0
    assert "process started" in (folder / "my log.txt").read_text()
    assert "process started" not in first.stderr
    assert "debug" in (folder / "my data" / "logs" / "fetch.log").read_text()


@pytest.mark.usefixtures("first")
def test_the_report_is_a_result_that_quiet_leaves(folder: Path) -> None:
    done = newsmill(folder, "run", "a b.txt", "--quiet", "--data", "my data")
    assert (done.returncode, done.stderr) == (0, "")
    assert " ".join(done.stdout.split()).startswith("The URL was already done. --again fetches it again.")
    assert "unreachable" in done.stdout


@pytest.fixture
def unfinished(tmp_path: Path) -> Iterator["subprocess.Popen[str]"]:
    """A run of a URL that it will try again, and again."""
    command = [sys.executable, "-m", "workers.cli", "run", DEAD, "--json"]
    piped = subprocess.PIPE
    with subprocess.Popen(
        command,
        cwd=tmp_path,
        env=environment(),
        stdout=piped,
        stderr=piped,
        text=True,
        start_new_session=True,
    ) as process:
        while not (tmp_path / "data" / "logs" / "fetch.log").exists():
            assert process.poll() is None
            time.sleep(0.05)
        yield process


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)], ids=str)
def test_a_run_that_is_stopped_has_the_exit_code_of_its_signal(
    unfinished: "subprocess.Popen[str]", number: signal.Signals, code: int
) -> None:
    unfinished.send_signal(number)
    output, errors = unfinished.communicate(timeout=60)
    assert (unfinished.returncode, output) == (code, "")
    assert errors.splitlines()[-1] == "Stopped. The next run continues."
    assert "Traceback" not in errors
