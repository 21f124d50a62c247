"""The examples of CONTRIBUTING.md, applied to a copy of the tree: their tests pass, and they do what the page says."""

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "CONTRIBUTING.md").read_text("utf-8")
#: Examples that change one file of the project, which each has to do with one line.
EXAMPLES = re.findall(r"^## ((?:Add|Choose) .+)$", PAGE, re.MULTILINE)
STORY = "The council of #Bergen voted on the new ferry line yesterday, and the #harbour was loud. " * 5

_FILE = re.compile(r"^`([\w/.]+)`\n\n```(python|diff)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def files_of(example: str) -> list[tuple[str, str, str]]:
    """Return path, kind (`python` for a new file, `diff` for a change) and text of each file of an example."""
    section = PAGE.split(f"## {example}\n")[1].split("\n## ")[0]
    return _FILE.findall(section)


class Copy:
    """A copy of the tree with examples applied."""

    def __init__(self, folder: Path, *examples: str) -> None:
        self.root = folder / "newsmill"
        left_out = shutil.ignore_patterns("__pycache__", "demo_pages")
        for name in ("tasks", "workers", "monitoring", "seeds"):
            shutil.copytree(ROOT / name, self.root / name, ignore=left_out)
        shutil.copy(ROOT / "pyproject.toml", self.root)
        for example in examples:
            for path, kind, text in files_of(example):
                self._apply(self.root / path, kind, text)
        self.folder = folder
        (folder / "story.txt").write_text(STORY)

    def _apply(self, path: Path, kind: str, text: str) -> None:
        if kind == "python":
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
            return
        before = "".join(line[1:] for line in text.splitlines(keepends=True) if line.startswith(" "))
        after = "".join(line[1:] for line in text.splitlines(keepends=True))
        old = path.read_text("utf-8")
        assert old.count(before) == 1, f"{path.name} does not have the line that the page adds one after"
        path.write_text(old.replace(before, after))

    def run(
        self, *command: str, folder: Path | None = None, codes: tuple[int, ...] = (0,), **variables: str
    ) -> str:
        settings = {"NEWSMILL_DATA_DIR": str(self.folder / "data"), "PYTHONPATH": str(self.root)}
        ended = subprocess.run(
            [sys.executable, "-m", *command],
            cwd=folder or self.folder,
            env={**os.environ, **settings, **variables},
            capture_output=True,
            text=True,
            timeout=240,
            check=False,
        )
        assert ended.returncode in codes, ended.stdout + ended.stderr
        return ended.stdout

    def newsmill(self, *arguments: str, **more: Any) -> str:
        return self.run("workers.cli", *arguments, **more)

    def rows(self) -> list[dict[str, Any]]:
        # 1: there are none yet
        return [json.loads(line) for line in self.newsmill("export", codes=(0, 1)).splitlines()]


@pytest.fixture
def apply(tmp_path: Path) -> Callable[..., Copy]:
    return lambda *examples: Copy(tmp_path, *examples)


def test_the_page_has_the_examples_that_are_tried_here() -> None:
    assert EXAMPLES == [
        "Add a stage",
        "Add a source",
        "Add a sink",
        "Add a document format",
        "Choose another tagger",
    ]


@pytest.mark.parametrize("example", EXAMPLES)
def test_an_example_is_one_module_one_line_and_one_test(example: str) -> None:
    module, line, test = files_of(example)
    assert [module[1], line[1], test[1]] == ["python", "diff", "python"]
    assert sum(one.startswith("+") for one in line[2].splitlines()) == 1
    assert test[0].startswith("tests/unit/test_")


@pytest.mark.parametrize("example", EXAMPLES)
def test_the_test_of_an_example_passes(apply: Callable[..., Copy], example: str) -> None:
    copy = apply(example)
    path = next(path for path, *_ in files_of(example) if path.startswith("tests/"))
    copy.run("pytest", "-q", "-p", "no:cacheprovider", "--rootdir", str(copy.root), str(copy.root / path))


@pytest.mark.parametrize("example", EXAMPLES)
def test_an_example_passes_the_checks_of_style(apply: Callable[..., Copy], example: str) -> None:
    copy = apply(example)
    files = [str(copy.root / path) for path, *_ in files_of(example)]
    of_project = [file for file in files if "/tests/" not in file]
    copy.run("ruff", "check", "--no-cache", *of_project, folder=copy.root)
    copy.run("ruff", "format", "--check", "--no-cache", *files, folder=copy.root)


def test_the_projects_own_tests_pass_with_all_examples(apply: Callable[..., Copy]) -> None:
    copy = apply(*EXAMPLES)
    for name in ("tests", "docs"):
        shutil.copytree(
            ROOT / name, copy.root / name, ignore=shutil.ignore_patterns("__pycache__"), dirs_exist_ok=True
        )
    for page in (*ROOT.glob("*.md"), ROOT / "Makefile"):
        shutil.copy(page, copy.root)
    names = (
        "stage",
        "export",
        "settings",
        "docs",
        "fetch_fetchers",
        "sources",
        "sinks",
        "topics_taggers",
        "layers",
    )
    files = [str(copy.root / "tests" / "unit" / f"test_{name}.py") for name in names]
    deselected = "test_files_in_the_documents_exist or benchmarks"
    copy.run(
        "pytest",
        "-q",
        "-p",
        "no:cacheprovider",
        "--rootdir",
        str(copy.root),
        "-k",
        f"not ({deselected})",
        *files,
    )


def test_a_stage_runs_in_a_worker_and_stands_in_every_row(apply: Callable[..., Copy]) -> None:
    copy = apply("Add a stage")
    copy.newsmill("run", "story.txt")
    (row,) = copy.rows()
    assert (row["outcome"], row["stage"]) == ("enriched", "measure_reading")
    assert row["reading_minutes"] == round(len(STORY.split()) / 230, 2)
    assert row["measure_reading"] == "1"
    assert "measure_reading" in row["timings"]
    assert copy.newsmill("export", "--made-by", "1").count("\n") == 1
    assert b"reading_minutes" in _parquet(copy)
    assert (
        json.loads(copy.newsmill("try", "--json", "story.txt"))["reading_minutes"] == row["reading_minutes"]
    )


def _parquet(copy: Copy) -> bytes:
    copy.newsmill("export", "--output", "rows.parquet")
    return (copy.folder / "rows.parquet").read_bytes()


def test_a_source_is_polled_while_the_run_goes_on(apply: Callable[..., Copy], tmp_path: Path) -> None:
    copy = apply("Add a source")
    inbox = tmp_path / "inbox"
    inbox.mkdir()
    shutil.copy(tmp_path / "story.txt", inbox / "first.txt")
    settings = {"NEWSMILL_DATA_DIR": str(copy.folder / "data"), "PYTHONPATH": str(copy.root)}
    command = [sys.executable, "-m", "workers.cli", "run", "watch:inbox"]
    run = subprocess.Popen(
        command, cwd=tmp_path, env={**os.environ, **settings}, stderr=subprocess.PIPE, text=True
    )
    try:
        _wait_for(lambda: _count(copy) == 1, run)
        (inbox / "second.txt").write_text(STORY.replace("ferry", "railway"))
        _wait_for(lambda: _count(copy) == 2, run)
    finally:
        run.terminate()
        run.communicate(timeout=60)
    assert {Path(row["url"]).name for row in copy.rows()} == {"first.txt", "second.txt"}


def _count(copy: Copy) -> int:
    return len(copy.rows()) if (copy.folder / "data" / "newsmill.db").exists() else 0


def _wait_for(what: Callable[[], bool], run: "subprocess.Popen[str]") -> None:
    while not what():
        assert run.poll() is None, "the run has ended"


def test_a_sink_is_a_format_of_the_export(apply: Callable[..., Copy]) -> None:
    copy = apply("Add a sink")
    (copy.folder / "page.html").write_text(
        f"<title>Ferry</title><article><h1>Ferry</h1><p>{STORY}</p></article>"
    )
    copy.newsmill("run", "page.html")
    url = (copy.folder / "page.html").as_uri()
    assert copy.newsmill("export", "--format", "markdown") == f"- [Ferry]({url})\n"


def test_a_document_format_has_its_own_fetcher(apply: Callable[..., Copy]) -> None:
    copy = apply("Add a document format")
    notes = copy.folder / "notes"
    notes.mkdir()
    (notes / "ferry.md").write_text(f"# Ferry\n\n{STORY}")
    copy.newsmill("run", "notes")
    (row,) = copy.rows()
    assert (row["outcome"], row["title"]) == ("enriched", "Ferry")
    assert "voted on the new ferry line" in row["text"]


def test_a_tagger_is_chosen_by_its_name_and_has_its_own_worker(apply: Callable[..., Copy]) -> None:
    copy = apply("Choose another tagger")
    queues = '{"tag_topics": "topics"}'
    copy.newsmill("run", "story.txt", NEWSMILL_TAGGER="hashtags", NEWSMILL_QUEUES=queues)
    (row,) = copy.rows()
    assert [topic["label"] for topic in row["topics"]] == ["bergen", "harbour"]
    assert row["tagger"] == "hashtags 1"
    assert (copy.folder / "data" / "logs" / "topics.log").exists()
