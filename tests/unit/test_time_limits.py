"""`newsmill try` ends what a worker's time limits would end."""

import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tasks.article import Article, Outcome
from tasks.errors import Reason
from workers.local.time_limits import SoftTimeLimitError, time_limits
from workers.local.try_documents import MemoryTools, Pipeline
from workers.settings import Settings

PAGE = (
    "<html><body><article><p>"
    + "The council voted on the new ferry line yesterday. " * 9
    + "</p></article></body></html>"
)
#: Blocks all signals, as code in C that never returns does.
NEVER_RETURNS = """
import signal, time
from workers.local.time_limits import time_limits
with time_limits(60, 0.2):
    signal.pthread_sigmask(signal.SIG_BLOCK, signal.valid_signals())
    time.sleep(60)
"""


def test_the_soft_limit_raises() -> None:
    with (
        pytest.raises(SoftTimeLimitError, match=r"longer than NEWSMILL_SOFT_LIMIT, 0\.05 s"),
        time_limits(0.05, 60),
    ):
        time.sleep(60)


def test_within_the_limits_nothing_happens() -> None:
    with time_limits(0.01, 60):
        pass
    time.sleep(0.05)


def test_the_hard_limit_ends_the_process_where_no_signal_reaches_it() -> None:
    done = subprocess.run([sys.executable, "-c", NEVER_RETURNS], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr.startswith("Timeout (0:00:00.2")) == (1, True)


def test_a_document_that_takes_too_long_fails_and_the_next_one_is_tried(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("endless", "next"):
        (tmp_path / f"{name}.html").write_text(PAGE.replace("ferry", name))
    tools = MemoryTools.load(Settings(_env_file=None, soft_limit=7, hard_limit=8))  # type: ignore[call-arg]
    assert tools.limits == (7, 8)
    pipeline = Pipeline(replace(tools, limits=(60, 90)))
    language: Any = pipeline._steps["detect_language"]

    def hangs(article: Article) -> Article:
        if "endless" in (article.text or ""):
            signal.setitimer(signal.ITIMER_REAL, 0.01)  # the soft limit comes now
            time.sleep(60)
        return language(article)  # type: ignore[no-any-return]

    monkeypatch.setitem(pipeline._steps, "detect_language", hangs)  # type: ignore[arg-type]
    first, second = pipeline.run([str(tmp_path / "endless.html"), str(tmp_path / "next.html")])
    assert (first.outcome, first.stage, first.reason) == (Outcome.FAILED, "detect_language", Reason.TIMEOUT)
    assert "NEWSMILL_SOFT_LIMIT" in (first.detail or "")
    assert second.outcome is Outcome.ENRICHED
