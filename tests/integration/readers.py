"""Somebody who follows the documents: the code blocks of a page, and a folder to run them in as a reader would."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from threading import Thread

from benchmarks.system.page_server import Page, serving
from workers.local.redis_server import free_port

ROOT = Path(__file__).parents[2]
#: Where `newsmill`, `datasette` and `pipx` of this environment are.
BIN = Path(sys.executable).parent

STORY = "The ferry line across the harbour opens in spring, after nine years of building. " * 6
#: The titles and texts of a news site. The second article is a copy of the first.
NEWS = {
    "Ferry line opens": STORY,
    "Harbour gets its ferry": STORY,
    "Bakery in the monastery": "Monks of the island bake bread for the first time since the war. " * 8,
}
#: An article of the same site that comes later.
LATER = {"Orchard in bloom": "The old apple trees behind the station are in bloom, three weeks early. " * 8}

#: What moves a terminal's cursor, or chooses colours.
_CONTROL = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]|\r")
_BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True, slots=True)
class Block:
    """A fenced block of a page, and what it is written in."""

    language: str
    text: str


def sections(page: str) -> dict[str, list[Block]]:
    """Return the blocks below each heading (##) of a page in the repository."""
    text = (ROOT / page).read_text("utf-8")
    parts = re.split(r"^## (.+)$", text, flags=re.MULTILINE)[1:]
    return {
        heading: [Block(*found) for found in _BLOCK.findall(part)]
        for heading, part in zip(parts[::2], parts[1::2], strict=True)
    }


@dataclass
class Reader:
    """A folder, and the environment of somebody's shell in it: no settings but these, and newsmill on PATH."""

    folder: Path
    settings: dict[str, str] = field(default_factory=dict)

    @property
    def urls(self) -> list[str]:
        """Return the URLs in the folder's `urls.txt`."""
        return (self.folder / "urls.txt").read_text().split()

    @property
    def environment(self) -> dict[str, str]:
        """Return the environment of what is run."""
        kept = {name: value for name, value in os.environ.items() if not name.startswith("NEWSMILL_")}
        path = os.pathsep.join([str(BIN), kept["PATH"]])
        own = {"PATH": path, "PYTHONPATH": str(ROOT), "MPLBACKEND": "agg", "COLUMNS": "200"}
        return {**kept, **own, **self.settings}

    def run(self, block: Block, *, code: int = 0) -> str:
        """Run a block of shell or Python; return its standard output. It has to end with this exit code."""
        ended = self.finish(block)
        assert ended.returncode == code, ended.stdout + ended.stderr
        return ended.stdout

    def finish(self, block: Block) -> "subprocess.CompletedProcess[str]":
        """Run a block, whatever its exit code."""
        return subprocess.run(
            [*self.interpreter(block.language), block.text],
            cwd=self.folder,
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=240,
            check=False,
        )

    def sh(self, line: str, *, code: int = 0) -> str:
        """Run a line of shell."""
        return self.run(Block("sh", line), code=code)

    @staticmethod
    def interpreter(language: str) -> list[str]:
        """Return the command that takes a program as its last argument."""
        known = {"sh": ["bash", "-euo", "pipefail", "-c"], "python": [sys.executable, "-c"]}
        return known[language]


def after_make_run(folder: Path) -> Path:
    """Let the demo run in a folder, as `make run` does, until it has ended; return the folder."""
    reader = Reader(folder, {"NEWSMILL_DEMO_PORT": str(free_port())})
    reader.sh("newsmill run --demo")
    return folder


@contextmanager
def terminal() -> Iterator[tuple[int, list[str]]]:
    """Yield a terminal to write to, and what was written to it, which is complete at the end."""
    reading, writing = os.openpty()
    shown: list[str] = []

    def read() -> None:
        with suppress(OSError):  # nobody has it open any more
            while part := os.read(reading, 65536):
                shown.append(_CONTROL.sub("", part.decode(errors="replace")))

    thread = Thread(target=read)
    thread.start()
    try:
        yield writing, shown
    finally:
        os.close(writing)
        thread.join()
        os.close(reading)


@dataclass(frozen=True, slots=True)
class Site:
    """A news site on loopback: the URLs of NEWS, that of LATER, and the settings with which newsmill fetches from it."""

    urls: list[str]
    later: str
    settings: dict[str, str]


@contextmanager
def news_site() -> Iterator[Site]:
    """Serve NEWS and LATER."""
    pages = [
        f"<title>{title}</title><article><h1>{title}</h1><p>{text}</p></article>".encode()
        for title, text in {**NEWS, **LATER}.items()
    ]
    with serving([Page("text/html", page) for page in pages]) as port:
        settings = {
            "NEWSMILL_ALLOW_NETWORKS": "127.0.0.0/8",
            "NEWSMILL_ALLOW_PORTS": str(port),
            # The documents' example.com, too: no test asks a server on the internet.
            "NEWSMILL_RESOLVE": '{"test": "127.0.0.1", "example.com": "127.0.0.1"}',
            "NEWSMILL_HOST_INTERVAL": "0.05",
        }
        *urls, later = [f"http://news-{number}.test:{port}/{number}.html" for number in range(len(pages))]
        yield Site(urls, later, settings)


#: docs/recipes.md, and its blocks by heading.
PAGE = (ROOT / "docs" / "recipes.md").read_text("utf-8")
RECIPES = sections("docs/recipes.md")
