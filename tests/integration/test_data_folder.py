"""One folder: what `newsmill run` has left there is what all other commands work with, and nothing else has to run."""

import json
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest

from tests.permissions import bound_by_permissions
from workers.local.folder import DataFolder
from workers.store.store import open_to_read

pytestmark = pytest.mark.timeout(300)

Done = subprocess.CompletedProcess[str]
Newsmill = Callable[..., Done]

#: A host that no resolver knows (RFC 6761, 6.4).
DEAD = "http://no-such-host.invalid/story"
TEXT = "The ferry line across the harbour opens in spring, after nine years of building. " * 5
LOOKING = [("status",), ("why", DEAD), ("why", "a.txt"), ("dead", "list"), ("export",), ("cluster", "a.txt")]


def environment(**variables: str) -> dict[str, str]:
    """Return an environment without settings but these, in which a URL that fails fails at once."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith("NEWSMILL_")}
    quick = {"NEWSMILL_MAX_DEFERRALS": "0", "NEWSMILL_BACKOFF_BASE": "0.1", "NEWSMILL_BACKOFF_CAP": "0.1"}
    return {**clean, **quick, **variables}


def newsmill_in(folder: Path, *arguments: str, **variables: str) -> Done:
    return subprocess.run(
        [sys.executable, "-m", "workers.cli", *arguments],
        cwd=folder,
        env=environment(**variables),
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
        preexec_fn=bound_by_permissions,
    )


@pytest.fixture(scope="module")
def ended(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Done]:
    """A folder with a space in its name, in which a run of a document and of a URL that fails has ended."""
    folder = tmp_path_factory.mktemp("a run")
    (folder / "a.txt").write_text(TEXT)
    return folder, newsmill_in(folder, "run", "a.txt", DEAD)


@pytest.fixture
def folder(ended: tuple[Path, Done], tmp_path: Path) -> Path:
    """A copy of that folder. The document keeps its path, which its URL has in it."""
    shutil.copytree(ended[0] / "data", tmp_path / "data")
    (tmp_path / "a.txt").symlink_to(ended[0] / "a.txt")
    return tmp_path


@pytest.fixture
def newsmill(folder: Path) -> Newsmill:
    return lambda *arguments, **variables: newsmill_in(folder, *arguments, **variables)


def files_in(folder: Path) -> dict[str, tuple[int, int]]:
    return {
        str(path.relative_to(folder)): (path.stat().st_size, path.stat().st_mtime_ns)
        for path in folder.rglob("*")
        if path.is_file()
    }


def outcomes(database: Path) -> dict[str, str]:
    with open_to_read(f"sqlite:///{database}") as store:
        return {row["url"].rpartition("/")[2]: row["outcome"] for row in store.rows()}


def test_status_shows_what_the_run_did(newsmill: Newsmill) -> None:
    shown = json.loads(newsmill("status", "--json").stdout)
    assert (shown["unsettled"], shown["settled"], shown["outcomes"]["failed"]) == (0, 2, 1)


def test_why_tells_the_story_of_a_url(newsmill: Newsmill) -> None:
    done = newsmill("why", DEAD)
    assert (done.returncode, done.stderr) == (0, "")
    assert "failed (unreachable)" in done.stdout


def test_a_url_of_another_folder_was_never_submitted(newsmill: Newsmill) -> None:
    done = newsmill("why", "http://other.test/")
    assert (done.returncode, done.stdout) == (1, "")
    assert "was never submitted" in done.stderr


def test_the_rows_are_those_that_export_dead_and_cluster_show(newsmill: Newsmill) -> None:
    assert len(newsmill("export").stdout.splitlines()) == 2
    assert "unreachable" in newsmill("dead", "list").stdout
    assert newsmill("cluster", "a.txt").returncode == 0


def test_a_replayed_article_waits_for_the_next_run(newsmill: Newsmill) -> None:
    done = newsmill("dead", "replay")
    assert "queued 1," in done.stdout
    assert "Process them: newsmill run\n" in done.stderr
    assert json.loads(newsmill("status", "--json").stdout)["waiting"] == 1
    assert newsmill("run").returncode == 0
    assert json.loads(newsmill("status", "--json").stdout)["waiting"] == 0


def test_a_submitted_document_is_processed_by_the_next_run(newsmill: Newsmill, folder: Path) -> None:
    (folder / "b.txt").write_text("A bakery in the monastery. " * 20)
    assert "queued 1," in newsmill("submit", "b.txt").stdout
    assert newsmill("run").returncode == 0
    assert outcomes(folder / "data" / "newsmill.db")["b.txt"] == "enriched"


def test_two_commands_that_need_the_folders_redis_wait_for_each_other(newsmill: Newsmill) -> None:
    urls = [f"http://no-such-host.invalid/{number}" for number in range(4)]
    with ThreadPoolExecutor(len(urls)) as threads:
        done = list(threads.map(lambda url: newsmill("submit", url), urls))
    assert [(one.returncode, one.stdout[:9]) for one in done] == [(0, "queued 1,")] * len(urls)
    assert json.loads(newsmill("status", "--json").stdout)["waiting"] == len(urls)


def test_no_page_is_left_in_the_file_of_redis(ended: tuple[Path, Done]) -> None:
    files = [path for path in (ended[0] / "data" / "redis").rglob("*") if path.is_file()]
    assert b"newsmill:seen:" in b"".join(path.read_bytes() for path in files)
    assert b"newsmill:body:" not in b"".join(path.read_bytes() for path in files)


def test_the_report_says_how_to_retry_what_failed(ended: tuple[Path, Done]) -> None:
    assert "1 unreachable: newsmill run --retry-failed --reason unreachable\n" in ended[1].stderr


@pytest.mark.parametrize("reason", [(), ("--reason", "unreachable")], ids=["all", "one reason"])
def test_a_run_retries_what_has_failed(newsmill: Newsmill, reason: tuple[str, ...]) -> None:
    assert newsmill("run", "--retry-failed", *reason).returncode == 0
    (row,) = [row for row in map(json.loads, newsmill("export").stdout.splitlines()) if row["url"] == DEAD]
    assert [one["event"] for one in row["history"]][:1] == ["replay"]


def test_a_run_retries_nothing_for_another_reason(newsmill: Newsmill) -> None:
    assert newsmill("run", "--retry-failed", "--reason", "timeout").returncode == 0
    assert all("replay" not in line for line in newsmill("export").stdout.splitlines())


@pytest.mark.parametrize("option", [True, False], ids=["--data", "NEWSMILL_DATA_DIR"])
@pytest.mark.parametrize("command", LOOKING, ids=" ".join)
def test_another_folder_is_named_by_an_option_or_a_setting(
    newsmill: Newsmill, folder: Path, command: tuple[str, ...], *, option: bool
) -> None:
    (folder / "data").rename(folder / "my data")
    if option:
        done = newsmill(*command, "--data", "my data")
    else:
        done = newsmill(*command, NEWSMILL_DATA_DIR=str(folder / "my data"))
    assert done.returncode == 0
    assert files_in(folder / "my data")
    assert not (folder / "data").exists()


def test_a_command_to_copy_names_the_folder(newsmill: Newsmill, folder: Path) -> None:
    (folder / "data").rename(folder / "my data")
    assert (
        "Process them: newsmill run --data 'my data'\n"
        in newsmill("--data", "my data", "submit", DEAD + "2").stderr
    )


@pytest.mark.parametrize("command", [("scheduler",), ("worker", "fetch")], ids=" ".join)
def test_the_processes_of_a_cluster_do_not_work_beside_the_folders_redis(
    newsmill: Newsmill, command: tuple[str, ...]
) -> None:
    done = newsmill(*command)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("newsmill: The URLs in data are processed by `newsmill run`")


@pytest.fixture
def demo(folder: Path) -> DataFolder:
    """The folder, in which the run was the demo."""
    found = DataFolder(folder / "data")
    found.mark_as_demo()
    return found


@pytest.mark.parametrize("command", ["submit", "run"])
def test_the_first_list_moves_the_demo_to_a_folder_of_its_own(
    newsmill: Newsmill, demo: DataFolder, command: str
) -> None:
    done = newsmill(command, DEAD + "2")
    assert done.returncode == 0
    assert "Moved the demo to data/demo.\n" in done.stderr
    assert len(newsmill("export", "--data", "data/demo").stdout.splitlines()) == 2
    shown = json.loads(newsmill("status", "--json").stdout)
    assert (shown["unsettled"], shown["settled"]) == ((1, 0) if command == "submit" else (0, 1))
    assert not demo.is_demo


def test_no_list_is_processed_with_the_settings_of_the_demo(newsmill: Newsmill, demo: DataFolder) -> None:
    with demo.use(as_run=True):
        done = newsmill("submit", DEAD + "2")
    assert done.returncode == 2
    assert "The demo runs in data. Wait until it has ended, or stop it." in done.stderr


def test_a_replay_leaves_the_demo_where_it_is(newsmill: Newsmill, demo: DataFolder) -> None:
    assert newsmill("dead", "replay").returncode == 0
    assert demo.is_demo


@pytest.mark.parametrize("command", LOOKING, ids=" ".join)
def test_looking_changes_nothing(newsmill: Newsmill, folder: Path, command: tuple[str, ...]) -> None:
    before = files_in(folder)
    assert newsmill(*command).returncode == 0
    assert files_in(folder) == before


@pytest.mark.parametrize("command", LOOKING, ids=" ".join)
def test_looking_needs_no_right_to_write(newsmill: Newsmill, folder: Path, command: tuple[str, ...]) -> None:
    for path in (*(folder / "data").rglob("*"), folder / "data", folder):
        path.chmod(0o555 if path.is_dir() else 0o444)
    done = newsmill(*command)
    for path in (folder, folder / "data"):
        path.chmod(0o755)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize(
    "command", [*LOOKING, ("dead", "replay"), ("settings",), ("run",), ("submit", DEAD)], ids=" ".join
)
def test_nothing_is_created_in_a_folder_without_data(tmp_path: Path, command: tuple[str, ...]) -> None:
    (tmp_path / "a.txt").write_text(TEXT)
    # The default Redis, which a machine may have, would take what is submitted.
    done = newsmill_in(tmp_path, *command, NEWSMILL_REDIS_URL="redis://127.0.0.1:1/0")
    assert [path.name for path in tmp_path.iterdir()] == ["a.txt"]
    assert "Traceback" not in done.stderr
    if command != ("settings",):
        assert done.returncode in {1, 2}
        assert "--data" in done.stderr or "--demo" in done.stderr


@pytest.fixture
def other_store(folder: Path) -> str:
    """The URL of a database with the same rows and an id of its own."""
    shutil.copy(folder / "data" / "newsmill.db", folder / "other.db")
    with closing(sqlite3.connect(folder / "other.db")) as other, other:
        other.execute("UPDATE store_identity SET id = ?", ("0" * 32,))
    return f"sqlite:///{folder}/other.db"


@pytest.mark.parametrize("command", [("run", "a.txt"), ("dead", "replay"), ("submit", DEAD)], ids=" ".join)
def test_the_redis_of_a_folder_is_refused_beside_another_database(
    newsmill: Newsmill, folder: Path, other_store: str, command: tuple[str, ...]
) -> None:
    done = newsmill(*command, NEWSMILL_DATABASE_URL=other_store)
    assert (done.returncode, done.stdout) == (2, "")
    (line,) = [one for one in done.stderr.splitlines() if one.startswith("newsmill: ")]
    assert f"{folder}/data/redis belongs to the store sqlite:///" in line
    assert f"and this is the store {other_store}. Correct --data or NEWSMILL_DATABASE_URL" in line
    done = newsmill(*command, "--take-over", NEWSMILL_DATABASE_URL=other_store)
    assert done.returncode == 0
    done = newsmill(*command)
    assert done.returncode == 2
    assert f"data/redis belongs to the store {other_store}" in done.stderr


def test_who_looks_at_the_redis_of_a_folder_beside_another_database_is_warned(
    newsmill: Newsmill, other_store: str
) -> None:
    for command in (("status",), ("why", DEAD)):
        done = newsmill(*command, NEWSMILL_DATABASE_URL=other_store)
        assert done.stderr.startswith("newsmill: warning: "), command
        assert "data/redis belongs to the store sqlite:///" in done.stderr


def doctor_in(folder: Path) -> tuple[int, dict[str, str]]:
    """Return the exit code of `newsmill doctor` and what it has found, but for the name servers."""
    pinned = json.dumps({"example.com": "1.1.1.1"})
    done = newsmill_in(folder, "doctor", "--json", NEWSMILL_RESOLVE=pinned, NEWSMILL_CONTACT="a@b.test")
    return done.returncode, {one["check"]: one["found"] for one in json.loads(done.stdout)}


def test_a_redis_that_rests_is_no_trouble_to_doctor(folder: Path) -> None:
    before = files_in(folder)
    code, found = doctor_in(folder)
    assert (code, found["Redis"]) == (0, "data/redis, not running; `newsmill run` starts it")
    assert "version" in found["database tables"]
    assert "worker fetch" not in found, "a run brings its own"
    assert files_in(folder) == before


def test_doctor_creates_nothing_in_a_folder_without_data(tmp_path: Path) -> None:
    _, found = doctor_in(tmp_path)
    assert found["database"] == "data/newsmill.db is not there yet; the first run or worker creates it"
    assert list(tmp_path.iterdir()) == []


class LiveRun:
    """A run that waits for a URL which is due in an hour."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.process = subprocess.Popen(
            [sys.executable, "-m", "workers.cli", "run", DEAD],
            cwd=folder,
            env=environment(
                NEWSMILL_MAX_DEFERRALS="9", NEWSMILL_BACKOFF_BASE="3600", NEWSMILL_BACKOFF_CAP="3600"
            ),
            stderr=subprocess.DEVNULL,
        )

    def wait_for(self, article: str, words: str) -> str:
        """Return the article's story once it has these words."""
        story = ""
        while words not in story:
            assert self.process.poll() is None
            time.sleep(0.2)
            story = newsmill_in(self.folder, "why", article).stdout
        return story


@pytest.fixture
def live(tmp_path: Path) -> Iterator[LiveRun]:
    run = LiveRun(tmp_path)
    yield run
    run.process.send_signal(signal.SIGINT)
    run.process.wait(60)


def test_a_run_that_is_going_on_is_looked_at_and_given_more(live: LiveRun) -> None:
    assert "host in flight  0" in live.wait_for(DEAD, "1 in a row")
    (live.folder / "a.txt").write_text(TEXT)
    done = newsmill_in(live.folder, "submit", "a.txt")
    assert (done.stdout[:9], done.stderr) == ("queued 1,", "")
    live.wait_for("a.txt", "enriched")
    code, found = doctor_in(live.folder)
    assert code == 0
    assert "Redis persistence" in found
    assert "belongs to this store" in found["identity"]
    assert all("pid" in found[name] for name in ("scheduler", "worker fetch", "worker enrich"))
    second = newsmill_in(live.folder, "run", "a.txt")
    assert second.returncode == 2
    assert "Another run uses data." in second.stderr


def test_what_a_killed_run_says_of_its_redis_misleads_nobody(newsmill: Newsmill, folder: Path) -> None:
    (folder / "data" / "run.redis").write_text("redis://127.0.0.1:1/0")
    assert json.loads(newsmill("status", "--json").stdout)["settled"] == 2
    assert newsmill("submit", DEAD).returncode == 0
