"""What the documents say exists: commands, options, settings, make targets, files, code."""

import re
import shlex
from pathlib import Path

import pytest
from typer.main import get_command

from tasks.errors import Reason
from tasks.pipeline import STAGES
from workers.cli import app
from workers.settings import PREFIX, Settings
from workers.sinks.columns import columns

ROOT = Path(__file__).parents[2]
DOCUMENTS = sorted(str(path.relative_to(ROOT)) for path in [*ROOT.glob("*.md"), *ROOT.glob("docs/*.md")])
TEXTS = {name: (ROOT / name).read_text("utf-8") for name in DOCUMENTS}


def _commands(text: str) -> list[list[str]]:
    """Return the `newsmill ...` command lines in a document, split into words."""
    blocks = re.findall(r"```sh\n(.*?)```", text, re.DOTALL)
    lines = [line for block in blocks for line in block.splitlines()]
    lines += re.findall(r"`((?:NEWSMILL_\w+=\S+ )*newsmill [^`\n]+)`", text)
    split = [shlex.split(line, comments=True) for line in lines]
    return [words[words.index("newsmill") + 1 :] for words in split if "newsmill" in words]


@pytest.mark.parametrize("name", DOCUMENTS)
def test_commands_and_options_in_the_documents_exist(name: str) -> None:
    for words in _commands(TEXTS[name]):
        command = get_command(app)
        while words and words[0] in getattr(command, "commands", {}):
            command = command.commands[words.pop(0)]  # type: ignore[attr-defined]
        options = {option for parameter in command.params for option in parameter.opts} | {"--help"}
        for word in words:
            assert not word.startswith("--") or word in options, f"{command.name} has no {word}"
        plain = not words or words[0].startswith("-") or not hasattr(command, "commands")
        assert plain or words[0].isupper(), f"no command {words[0]}"


@pytest.mark.parametrize("name", DOCUMENTS)
def test_settings_in_the_documents_exist(name: str) -> None:
    # NEWSMILL_DATA is where tests and benchmarks find data that is not part of the project.
    known = {PREFIX + field.upper() for field in Settings.model_fields} | {"NEWSMILL_DATA"}
    named = set(re.findall(r"NEWSMILL_[A-Z_]+", TEXTS[name]))
    assert {one for one in named if not one.endswith("_")} <= known


@pytest.mark.parametrize("name", DOCUMENTS)
def test_make_targets_in_the_documents_exist(name: str) -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    assert set(re.findall(r"(?:`|^ *)make ([a-z-]+)", TEXTS[name], re.MULTILINE)) <= targets


@pytest.mark.parametrize("name", DOCUMENTS)
def test_files_in_the_documents_exist(name: str) -> None:
    named = re.findall(r"`((?:tasks|workers|monitoring|seeds|tests|benchmarks)/[\w./-]*)`", TEXTS[name])
    # CONTRIBUTING.md's examples make these up.
    example = set(re.findall(r"^`([\w/.]+)`\n\n```python", TEXTS["CONTRIBUTING.md"], re.MULTILINE))
    assert [path for path in named if path not in example and not (ROOT / path).exists()] == []


def test_the_readme_says_what_make_help_lists_first() -> None:
    for target in ("make run", "make run URLS=", "make test"):
        assert target in TEXTS["README.md"]


def test_every_setting_has_a_description() -> None:
    assert [name for name, field in Settings.model_fields.items() if not field.description] == []


def test_the_chain_in_the_documents_is_in_the_order_of_the_pipeline() -> None:
    (named,) = re.findall(r"`((?:tasks\.\w+\s*\|\s*)+tasks\.\w+)`", TEXTS["ARCHITECTURE.md"])
    chain = re.split(r"\s*\|\s*", named)
    assert chain == [stage.task for stage in STAGES if stage.task in chain]


def test_reasons_named_in_the_documents_exist() -> None:
    named = re.findall(r"`(?:rejected|failed)\((\w+)\)`", "".join(TEXTS.values()))
    assert set(named) - {"reason", "stage"} <= set(Reason)


def test_an_exported_row_has_the_columns_that_filters_use() -> None:
    assert {"outcome", "reason", "stage", "language", "host", "topics", "settled_at"} <= set(columns())
