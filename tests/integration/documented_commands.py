"""Every command in README.md and docs/, where `make run` has just ended: its exit code and its output.

    python -m tests.integration.documented_commands [--lines 12]

Prints them all. Commands that need Docker, a registry or hours are named with the reason why they are left out.
"""

import argparse
import gzip
import re
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tasks.article import Outcome
from tests.integration.readers import ROOT, STORY, Block, Reader, Site, after_make_run, news_site, terminal
from workers.local.redis_server import EmbeddedRedis, free_port
from workers.local.supervisor import running
from workers.store.filters import Filter
from workers.store.store import open_to_read

PAGES = ("README.md", *sorted(f"docs/{path.name}" for path in (ROOT / "docs").glob("*.md")))
#: Programs whose lines are commands; others, such as cp and cut, are steps of a recipe.
PROGRAMS = ("newsmill", "make", "docker", "python", "pip", "pipx", "datasette")

#: Why commands are left out, by how they begin; the first that fits counts.
LEFT_OUT = {
    "docker": "needs Docker: make test-compose",
    "make submit": "needs Docker: make test-compose",
    "make down": "needs Docker: make test-compose",
    "make run": "installs packages; what it runs, `newsmill run --demo`, has made this folder",
    "make": "works on a checkout, for minutes to hours",
    "python": "measures, for minutes",
    "pip": "installs packages: test_wheel.py",
    "datasette": "another program: test_recipes.py",
    "NEWSMILL_DATA=": "needs the project's sources, and data that is not in it",
}
_NONE = (1, "there are none in the demo")
#: The exit codes that are not 0, with their reason.
CODES = {
    "newsmill why https://example.com/story": (1, "it was never submitted"),
    "newsmill cluster https://example.com/story": (1, "it has no outcome"),
    "newsmill dead list --reason crashed": _NONE,
    "newsmill hosts list": _NONE,
    "newsmill hosts list --json": _NONE,
    "newsmill hosts resume example.com": (1, "it was not held back"),
    **dict.fromkeys(
        (f"newsmill hosts {name} --json" for name in ("pause", "deny", "resume")), (2, "it names nothing")
    ),
    "newsmill messages": _NONE,
    "newsmill messages --json": _NONE,
    "newsmill messages --forget": _NONE,
    "newsmill export --outcome failed --reason crashed --since 1h": _NONE,
    "newsmill dead replay --reason crashed": _NONE,
    "newsmill dead replay --reason error": _NONE,
    "newsmill dead replay --reason tls": _NONE,
    "newsmill status --watch": (130, "Ctrl-C"),
    "newsmill status --watch --json": (130, "Ctrl-C"),
    "newsmill submit --json": (2, "it names nothing"),
    "newsmill try --json": (2, "it names nothing"),
}
#: Commands that work until they are stopped: what they show when they work, and the signal that stops them.
ENDLESS = {
    "newsmill scheduler": ("Scheduler started", signal.SIGTERM),
    "newsmill worker": (" ready.", signal.SIGTERM),
    "newsmill status --watch --json": ("in_flight", signal.SIGINT),
    "newsmill status --watch": ("in flight", signal.SIGINT),
}
#: Commands that the folder of a run refuses, wherever they are named.
_OF_CLUSTER = ("newsmill scheduler", "newsmill worker")
#: Characters of a line that are printed.
_WIDEST = 160


@dataclass(frozen=True, slots=True)
class Command:
    """A line of a page. `of_cluster` if it is for machines with a Redis and a database of their own."""

    page: str
    line: str
    of_cluster: bool = False

    @property
    def left_out(self) -> str | None:
        """Return why it is not run here, None if it is."""
        if "$" in self.line:
            return "a line of a script: test_recipes.py"
        if " ssh " in self.line:
            return "needs another machine"
        return next((why for start, why in LEFT_OUT.items() if self.line.startswith(start)), None)

    @property
    def code(self) -> int:
        """Return the exit code that it has to have."""
        return CODES.get(self.line, (0, ""))[0]


@dataclass(frozen=True, slots=True)
class Ended:
    """What a command did."""

    code: int
    output: str


def commands() -> list[Command]:
    """Return the commands of all pages, each once."""
    found: dict[str, Command] = {}
    for page in PAGES:
        for block in _blocks((ROOT / page).read_text("utf-8")):
            for line in map(_without_comment, block.splitlines()):
                words = [word for word in line.split() if not re.match(r"\w+=", word)]
                if words and words[0] in PROGRAMS:
                    of_cluster = "export NEWSMILL_REDIS_URL" in block or line.startswith(_OF_CLUSTER)
                    found.setdefault(line, Command(page, line, of_cluster))
    return list(found.values())


def _blocks(text: str) -> Iterator[str]:
    yield from re.findall(r"^```sh\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    yield from re.findall(r"(?:^ {4}\S.*\n)+", text, re.MULTILINE)
    # Within a sentence, with an option or a file; others only name a command.
    yield from re.findall(r"`(newsmill [^`\n]*(?: --|\.)[^`\n]+)`", text)


def _without_comment(line: str) -> str:
    return re.sub(r"\s+# .*", "", line).strip().removeprefix("$ ")


class Place:
    """A folder in which the demo has ended, with the files that the pages name; each command gets a copy of it."""

    def __init__(self, made: Path, scratch: Path, site: Site) -> None:
        """Take the folder `made`, and put copies into `scratch`; the lists have the URLs of `site`."""
        self._made = made
        self._scratch = scratch
        self._urls = "".join(f"{url}\n" for url in site.urls)
        self._settings = {**site.settings, "COLUMNS": "80"}
        #: What stands for URL in a page: an article of the demo.
        with open_to_read(f"sqlite:///{made}/data/newsmill.db") as store:
            self._url: str = next(store.rows(Filter(outcome=Outcome.ENRICHED)))["url"]

    def run(self, command: Command) -> Ended:
        """Run a command in a copy of the folder."""
        with tempfile.TemporaryDirectory(dir=self._scratch) as copy, self._settings_for(command) as settings:
            reader = Reader(Path(copy), settings)
            self._fill(reader.folder)
            return _run(reader, re.sub(r"\bURL\b", self._url, command.line))

    def _fill(self, folder: Path) -> None:
        shutil.copytree(self._made / "data", folder / "data")
        (folder / "seeds").symlink_to(ROOT / "seeds")
        for name in ("page.html", "article.html"):
            (folder / name).write_text(f"<title>Ferry</title><article><h1>Ferry</h1><p>{STORY}</p></article>")
        for name in ("urls.txt", "today.txt", "archive.txt", "more.txt", "urgent.txt"):
            (folder / name).write_text(self._urls)
        # Those of docs/lists.md, one of which has a line without a URL.
        lines = "".join(f"Паром;{url}\n" for url in self._urls.split())
        (folder / "export.csv").write_text(f"заголовок;link\n{lines}Пекарня;\n", "windows-1251")
        table = "".join(f"ferry\t2025\t{url}\n" for url in self._urls.split())
        (folder / "table.tsv.gz").write_bytes(gzip.compress(table.encode()))

    @contextmanager
    def _settings_for(self, command: Command) -> Iterator[dict[str, str]]:
        if not command.of_cluster:
            yield self._settings
            return
        with tempfile.TemporaryDirectory(dir=self._scratch) as folder:
            server = EmbeddedRedis(Path(folder), free_port())
            with running(server.child()) as child:
                server.wait(child)
                database = {"NEWSMILL_DATABASE_URL": f"sqlite:///{folder}/newsmill.db"}
                yield {**self._settings, **database, "NEWSMILL_REDIS_URL": server.url}


def _run(reader: Reader, line: str) -> Ended:
    for start, (ready, stop) in ENDLESS.items():
        if line.startswith(start):
            return _run_until(reader, line, ready, stop)
    ended = reader.finish(Block("sh", line))
    return Ended(ended.returncode, ended.stderr + ended.stdout)


def _run_until(reader: Reader, line: str, ready: str, stop: signal.Signals) -> Ended:
    """Run a command in a terminal, and stop it when it shows that it is ready."""
    with terminal() as (screen, shown):
        command = [*reader.interpreter("sh"), line]
        process = subprocess.Popen(
            command, cwd=reader.folder, env=reader.environment, stdout=screen, stderr=screen
        )
        while process.poll() is None and ready not in "".join(shown):
            time.sleep(0.1)
        process.send_signal(stop)
        process.wait(60)
    return Ended(process.returncode, "".join(shown))


def main() -> None:
    """Run all commands and print what they did."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--lines", type=int, default=12, help="how many lines of each output are printed")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="newsmill-") as folder:
        made = Path(folder, "after make run")
        made.mkdir()
        with news_site() as site:
            here = Place(after_make_run(made), Path(folder), site)
            wrong = sum(_shown(here, command, given.lines) for command in commands())
    print(f"\n{wrong} of {len(commands())} commands did not do what the pages say.")  # noqa: T201 - it is a script


def _shown(here: Place, command: Command, lines: int) -> bool:
    """Run a command and print it; tell whether its exit code is a wrong one."""
    print(f"\n$ {command.line}    ({command.page})")  # noqa: T201
    if command.left_out:
        print(f"left out: {command.left_out}")  # noqa: T201
        return False
    ended = here.run(command)
    output = [line[:_WIDEST] for line in ended.output.splitlines()]
    more = [f"... {len(output) - lines} more lines"] if len(output) > lines else []
    why = CODES.get(command.line, (0, ""))[1]
    print("\n".join([*output[:lines], *more, f"exit code {ended.code}{why and f': {why}'}"]))  # noqa: T201
    return ended.code != command.code


if __name__ == "__main__":
    main()
