"""`newsmill submit` and `newsmill run` with lists as they come: what is printed, and the exit code."""

import gzip
import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result
from typer.testing import CliRunner

from workers.cli import app
from workers.ledger.redis_client import RedisClient

Newsmill = Callable[..., Result]

TABLE = "title;address\nZürich;http://a.test/1\nGenève;b.test/2\nBern;hello\nBasel;http://a.test/1\n"


@pytest.fixture
def newsmill(
    redis: RedisClient,  # noqa: ARG001 - an empty one
    redis_url: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Newsmill:
    """Run a command in a folder with a Redis."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("NEWSMILL_REDIS_URL", redis_url)
    monkeypatch.setenv("COLUMNS", "200")
    return lambda *arguments, **options: CliRunner().invoke(app, arguments, **options)


def test_a_list_is_read_as_the_options_say(newsmill: Newsmill, tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text(TABLE, "cp1252")
    options = ("--column", "address", "--encoding", "latin-1", "--assume-https", "--refused", "r.jsonl")
    done = newsmill("submit", "a.csv", *options)
    assert done.exit_code == 0
    assert done.stdout == "queued 2, in progress 0, already done 0, repeated 1, refused 1\n"
    assert done.stderr.splitlines() == [
        "a.csv:4: is not an http or https URL: hello",
        "1 refused:",
        "  1  is not an http or https URL (first: a.csv:4)",
        "All of them are in r.jsonl.",
    ]
    assert json.loads((tmp_path / "r.jsonl").read_text())["text"] == "hello"


def test_the_same_list_again_is_in_progress(newsmill: Newsmill, tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text(TABLE)
    newsmill("submit", "a.csv", "--column", "address")
    done = newsmill("submit", "a.csv", "--column", "2", "--delimiter", ";")
    assert done.stdout == "queued 0, in progress 1, already done 0, repeated 1, refused 3\n"


def test_quiet_says_only_the_counts(newsmill: Newsmill) -> None:
    done = newsmill("submit", "http://a.test/1", "ftp://a.test/", "--quiet")
    assert (done.stdout, done.stderr) == (
        "queued 1, in progress 0, already done 0, repeated 0, refused 1\n",
        "",
    )


@pytest.mark.parametrize("name", ["a.csv", "a.txt", "a.jsonl", "-"])
def test_a_list_of_which_all_is_refused_is_exit_code_1(newsmill: Newsmill, tmp_path: Path, name: str) -> None:
    content = {"a.csv": "url\nx\n", "a.txt": "x\n", "a.jsonl": '{"url": 7}\n', "-": "x\n"}[name]
    (tmp_path / name).write_text(content)
    done = newsmill("submit", name, input=content)
    assert (done.exit_code, done.stdout[-10:]) == (1, "refused 1\n")


def test_a_list_with_nothing_in_it_is_no_failure(newsmill: Newsmill, tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("url\n")
    assert newsmill("submit", "a.csv").exit_code == 0


def test_a_folder_without_documents_is_exit_code_1(newsmill: Newsmill, tmp_path: Path) -> None:
    (tmp_path / "f").mkdir()
    (tmp_path / "f/a.jpg").touch()
    done = newsmill("submit", "f")
    assert (done.exit_code, done.stderr) == (1, "1 file is no document: 1 .jpg.\n")


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("--encoding", "latin-99"), "There is no encoding 'latin-99'"),
        (("--delimiter", "ab"), "--delimiter needs one character"),
        (("--column", "0"), "Columns are counted from 1"),
        (("--column", "link"), "a.csv has no column link. Its columns are: title, address"),
        (("--column", "3"), "a.csv has no column 3, only 2"),
        (("--refused", "a.csv"), "a.csv is to be read"),
        (("--refused", "nowhere/r.jsonl"), "The folder of nowhere/r.jsonl does not exist"),
    ],
)
@pytest.mark.parametrize("command", ["submit", "run"])
def test_a_wrong_option_is_exit_code_2_and_one_line(
    newsmill: Newsmill, tmp_path: Path, command: str, options: tuple[str, ...], message: str
) -> None:
    (tmp_path / "a.csv").write_text(TABLE)
    done = newsmill(command, "a.csv", *options)
    assert (done.exit_code, done.stdout) == (2, "")
    assert done.stderr.startswith(f"newsmill: {message}")
    assert done.stderr.count("\n") == 1


def test_a_run_whose_list_is_refused_is_exit_code_1_and_says_why(newsmill: Newsmill, tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("one\ntwo\n")
    done = newsmill("run", "a.txt", "--refused", "r.jsonl")
    assert done.exit_code == 1
    assert "queued 0, in progress 0, already done 0, repeated 0, refused 2" in done.stderr
    assert "2  is not an http or https URL (first: a.txt:1)" in done.stderr
    assert len((tmp_path / "r.jsonl").read_text().splitlines()) == 2


def test_a_list_that_breaks_off_is_submitted_so_far(newsmill: Newsmill, tmp_path: Path) -> None:
    lines = b"".join(b"http://a.test/%d\n" % (number**5) for number in range(20_000))
    (tmp_path / "a.txt.gz").write_bytes(gzip.compress(lines)[:-2_000])
    done = newsmill("submit", "a.txt.gz")
    assert done.exit_code == 2
    assert "a.txt.gz cannot be read after line" in done.stderr
    after = int(done.stderr.split("after line ")[1].split(":")[0].replace(",", ""))
    assert newsmill("status", "--json").stdout.count(f'"waiting":{after},') == 1
