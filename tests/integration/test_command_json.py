"""`--json` and exit codes of the commands that look: one value on standard output, words on standard error."""

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from tasks.article import Article, Outcome, article_id
from workers.cli import app
from workers.ledger.entries import Submission
from workers.ledger.frontier import Frontier
from workers.ledger.invalid import InvalidMessages
from workers.ledger.redis_client import RedisClient
from workers.ledger.submit import submit_all
from workers.store.rows import Result
from workers.store.store import Store

runner = CliRunner()
DONE, FAILED, WAITING, NOWHERE = (
    "http://a.test/done",
    "http://a.test/failed",
    "http://b.test/",
    "http://c.test/",
)


@pytest.fixture(autouse=True)
def _mill(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    redis_url: str,
    prefix: str,
    make_frontier: Callable[..., Frontier],
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.setenv("NEWSMILL_REDIS_URL", redis_url)
    monkeypatch.setenv("NEWSMILL_KEY_PREFIX", prefix)
    monkeypatch.setenv("NEWSMILL_DATABASE_URL", f"sqlite:///{tmp_path}/x.db")
    store = Store(f"sqlite:///{tmp_path}/x.db")
    store.migrate()
    for url, outcome, reason in ((DONE, Outcome.ENRICHED, None), (FAILED, Outcome.FAILED, "timeout")):
        article = Article(id=article_id(url), url=url, submitted_at=1.0, token=1)
        result = Result(outcome=outcome, stage="fetch", reason=reason, settled_at=2.0)
        store.write(article, "a.test", result)
    store.close()
    submit_all(make_frontier(), [Submission(article_id(WAITING), WAITING, "b.test")])


def run(*command: str) -> tuple[int, Any, str]:
    """Return exit code, the one JSON value on standard output, and standard error."""
    result = runner.invoke(app, [*command, "--json"])
    assert result.stdout.count("\n") == 1
    return result.exit_code, json.loads(result.stdout), result.stderr


def test_status() -> None:
    code, value, words = run("status")
    assert (code, value["waiting"], words) == (0, 1, "")


@pytest.mark.parametrize(
    ("url", "state", "outcome"),
    [(DONE, "settled", "enriched"), (FAILED, "settled", "failed"), (WAITING, "waiting", None)],
)
def test_why(url: str, state: str, outcome: str | None) -> None:
    code, value, words = run("why", url)
    assert (code, value["state"], value["outcome"], words) == (0, state, outcome, "")


def test_why_of_an_unknown_url_is_null_and_exit_code_1() -> None:
    assert run("why", NOWHERE) == (1, None, f"{NOWHERE} was never submitted.\n")


def test_cluster() -> None:
    code, value, words = run("cluster", DONE)
    assert (code, [one["url"] for one in value], words) == (0, [DONE], "")


def test_cluster_of_an_unsettled_url_is_empty_and_exit_code_1() -> None:
    code, value, words = run("cluster", WAITING)
    assert (code, value) == (1, [])
    assert words == f"{WAITING} has no outcome yet. `newsmill why` shows where it is.\n"


def test_dead_list() -> None:
    code, value, words = run("dead", "list")
    assert (code, words) == (0, "")
    assert value == [{"reason": "timeout", "stage": "fetch", "host": "a.test", "count": 1}]


def test_dead_list_of_nothing_is_empty_and_exit_code_1() -> None:
    assert run("dead", "list", "--reason", "crashed") == (1, [], "No failed articles.\n")


def test_dead_replay() -> None:
    assert run("dead", "replay", "--dry-run") == (0, {"would_submit": 1}, "")
    code, value, words = run("dead", "replay")
    assert (code, value) == (
        0,
        {"queued": 1, "in_progress": 0, "already_done": 0, "repeated": 0, "refused": 0},
    )
    assert "newsmill run" not in words, "Redis is not the folder's"


def test_dead_replay_of_nothing_is_exit_code_1() -> None:
    nothing = {"queued": 0, "in_progress": 0, "already_done": 0, "repeated": 0, "refused": 0}
    assert run("dead", "replay", "--reason", "crashed") == (1, nothing, "No failed articles.\n")
    assert run("dead", "replay", "--reason", "crashed", "--dry-run")[:2] == (1, {"would_submit": 0})


def test_messages(redis: RedisClient, prefix: str) -> None:
    assert run("messages") == (1, [], "No invalid messages.\n")
    InvalidMessages(redis, prefix).keep("fetch", "body", "not base64", b"%%%\xff")
    code, value, words = run("messages", "--forget")
    assert (code, words) == (0, "")
    del value[0]["at"]
    known = {"queue": "fetch", "reason": "body", "detail": "not base64", "size": 4}
    assert value == [{**known, "message": "%%%\\xff"}]
    assert run("messages")[0] == 1


def test_hosts() -> None:
    assert run("hosts", "list") == (1, [], "No host has a rule.\n")
    assert run("hosts", "resume", "b.test")[0::2] == (1, "b.test was neither paused nor denied.\n")
    held = {"denied_by": None, "paused_by": None}
    nothing = {
        "deny": None,
        "pause": None,
        "interval": None,
        "concurrency": None,
        "paths": None,
        "note": None,
    }
    said = {"host": "b.test", **nothing, "from": "command"}
    code, value, words = run("hosts", "pause", "https://B.test/x", "--note", " until\tMonday ")
    assert (code, value) == (0, {**said, "pause": True, "note": "until Monday", "changed": True, **held})
    code, value, words = run("hosts", "deny", "b.test")
    assert (code, value, words) == (0, {**said, "deny": True, "changed": True, **held}, "")
    assert run("hosts", "deny", "b.test")[1]["changed"] is False
    assert run("hosts", "list") == (0, [{**said, "deny": True}], "")
    assert run("status")[1]["hosts"] == [{**said, "deny": True}]
    code, value, words = run("hosts", "resume", "www.b.test")
    assert (code, value["changed"], value["denied_by"]) == (1, False, "b.test")
    assert words == "b.test is denied by `newsmill hosts deny`. Try `newsmill hosts resume b.test`.\n"
    assert run("hosts", "resume", "b.test") == (0, {**said, "changed": True, **held}, "")
    assert run("hosts", "list")[1] == []


def test_what_a_host_waits_for_is_in_why() -> None:
    run("hosts", "pause", "b.test", "--note", "until Monday")
    assert run("why", WAITING)[1]["left_alone"] == "b.test is paused by `newsmill hosts pause` (until Monday)"
    assert run("why", DONE)[1]["left_alone"] is None
    shown = runner.invoke(app, ["why", WAITING]).stdout
    assert re.search(
        r"host is left alone +b.test is paused by `newsmill hosts pause` \(until Monday\)", shown
    )
    assert re.search(
        r"b.test +paused, since .*, by a command, until Monday", runner.invoke(app, ["status"]).stdout
    )


@pytest.mark.parametrize("host", ["", "a b", "a.test/x", "ftp://a.test"])
def test_a_rule_for_no_host_is_a_wrong_call(host: str) -> None:
    result = runner.invoke(app, ["hosts", "deny", host, "--json"])
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.startswith("newsmill: ")


def test_submit() -> None:
    counts = {"queued": 1, "in_progress": 1, "already_done": 0, "repeated": 0, "refused": 1}
    code, value, words = run("submit", NOWHERE, WAITING, "ftp://x.test/")
    assert (code, value) == (0, counts)
    assert "ftp://x.test/" in words
    assert run("submit", "ftp://x.test/")[:2] == (1, dict.fromkeys(counts, 0) | {"refused": 1})


def test_settings() -> None:
    code, value, words = run("settings")
    assert (code, words) == (0, "")
    assert {"variable", "value", "origin", "description", "masked"} == value[0].keys()


@pytest.mark.parametrize(
    "command", [("why", "ftp://x.test/"), ("status", "--every", "0"), ("dead", "list", "--reason", "no")]
)
def test_an_error_leaves_standard_output_empty(command: tuple[str, ...]) -> None:
    result = runner.invoke(app, [*command, "--json"])
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.startswith("newsmill: ")


def test_a_watched_status_is_a_line_each_time(monkeypatch: pytest.MonkeyPatch) -> None:
    pauses: list[float] = []

    def sleep(seconds: float) -> None:
        pauses.append(seconds)
        if len(pauses) == 3:
            raise KeyboardInterrupt

    monkeypatch.setattr("workers.inspect.status.follow.__kwdefaults__", {"sleep": sleep})
    result = runner.invoke(app, ["status", "--watch", "--json", "--every", "7"])
    assert (result.exit_code, pauses) == (130, [7, 7, 7])
    assert [json.loads(line)["waiting"] for line in result.stdout.splitlines()] == [1, 1, 1]
