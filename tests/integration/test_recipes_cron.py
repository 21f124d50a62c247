"""docs/recipes.md as it stands, on lists: one that cron processes every day, and a very long one."""

import gzip
import json
import re
import shutil
import signal
import subprocess
import time
from pathlib import Path

import pytest

from tests.integration.readers import BIN, LATER, NEWS, PAGE, RECIPES, ROOT, Reader, Site

pytestmark = pytest.mark.timeout(300)


class Cron:
    """cron, as far as the recipe needs it: a line's command, by sh, in the home folder, with nothing but its own variables."""

    def __init__(self, home: Path, table: str) -> None:
        *variables, line = table.replace("/home/me/newsmill/.venv/bin", str(BIN)).splitlines()
        self._environment = {"HOME": str(home), **dict(one.split("=", 1) for one in variables)}
        self._command = line.split(None, 5)[5]
        self._home = home
        assert "%" not in self._command  # a line end to cron

    def run(self) -> str:
        """Run the line once; return what cron would mail."""
        ended = subprocess.run(
            ["/bin/sh", "-c", self._command],
            cwd=self._home,
            env=self._environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=120,
            check=False,
        )
        return ended.stdout


@pytest.fixture
def news(newsroom: Reader, tmp_path_factory: pytest.TempPathFactory) -> tuple[Cron, Path]:
    """The recipe's table, in a home folder with the folder `news`, in which a run has ended."""
    script, table = RECIPES["cron: a list every day"]
    home = tmp_path_factory.mktemp("home")
    folder = shutil.copytree(newsroom.folder, home / "news")
    settings = {**newsroom.settings, "PYTHONPATH": str(ROOT)}
    (folder / ".env").write_text("".join(f"{name}={value}\n" for name, value in newsroom.settings.items()))
    (folder / "daily.sh").write_text(script.text)
    (before,) = re.findall(r"^Before the first time: `(.+)`\.", PAGE, re.MULTILINE)
    Reader(folder, settings).sh(before)
    return Cron(home, f"PYTHONPATH={ROOT}\n{table.text}"), folder


def exported(folder: Path) -> dict[str, list[str]]:
    """Return the titles in each export of the recipe, by the file's name."""
    return {
        path.name: sorted(
            line["title"]
            for line in map(json.loads, gzip.decompress(path.read_bytes()).splitlines())
            if not line["deleted"]
        )
        for path in sorted(folder.glob("new-*.jsonl.gz"), key=lambda path: path.stat().st_mtime_ns)
    }


def test_cron_exports_each_article_once(news: tuple[Cron, Path], site: Site) -> None:
    cron, folder = news
    copy = site.urls[0].replace("//", "//copy.")
    for added in ("", f"{copy}\n", f"{site.later}\n"):
        with (folder / "urls.txt").open("a") as urls:
            urls.write(added)
        assert cron.run() == ""
    # The second time only an exact copy was new.
    assert list(exported(folder).values()) == [sorted(NEWS), [], list(LATER)]


def test_a_second_run_of_cron_says_why_it_did_nothing(news: tuple[Cron, Path]) -> None:
    cron, folder = news
    slow = {"NEWSMILL_BACKOFF_BASE": "3600", "NEWSMILL_BACKOFF_CAP": "3600"}
    run = subprocess.Popen(
        ["newsmill", "run", "--quiet", "http://no-such-host.invalid/"],
        cwd=folder,
        env=Reader(folder, slow).environment,
        stdout=subprocess.DEVNULL,
    )
    try:
        while not (folder / "data" / "run.redis").exists():
            assert run.poll() is None
            time.sleep(0.05)
        assert "Another run uses data." in cron.run()
        assert exported(folder) == {}
        assert (folder / "exported-changes").read_text() == "0\n"
    finally:
        run.send_signal(signal.SIGINT)
        run.wait(60)


# A list of two million lines


def test_a_long_list_waits_behind_a_short_one(newsroom: Reader) -> None:
    submit, largest = RECIPES["A list of two million lines"]
    hosts = ["large.invalid"] * 20 + ["small.invalid"] * 10
    archive = "".join(f"http://{host}/{number}\n" for number, host in enumerate(hosts))
    (newsroom.folder / "archive.txt").write_text(archive)
    (newsroom.folder / "today.txt").write_text("http://large.invalid/today\n")
    shown = newsroom.run(submit)
    assert "queued 30," in shown
    assert json.loads(newsroom.sh("newsmill status --json"))["waiting"] == 31
    assert "0 URLs of large.invalid before it" in newsroom.sh("newsmill why http://large.invalid/today")
    counted = [line.split() for line in newsroom.run(largest).splitlines()]
    assert counted == [["20", "large.invalid"], ["10", "small.invalid"]]
