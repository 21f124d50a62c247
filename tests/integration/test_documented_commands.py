"""Every command in README.md and docs/ does what it says where `make run` has just ended."""

from pathlib import Path

import pytest

from tests.integration.documented_commands import CODES, LEFT_OUT, Command, Place, commands
from tests.integration.readers import Site

pytestmark = pytest.mark.timeout(300)

#: Pages whose commands have tests of their own.
OWN = {"docs/recipes.md": "test_recipes.py", "docs/backup.md": "test_backups.py"}
RUN = [command for command in commands() if not command.left_out and command.page not in OWN]


@pytest.fixture(scope="module")
def here(demo_folder: Path, site: Site, tmp_path_factory: pytest.TempPathFactory) -> Place:
    return Place(demo_folder, tmp_path_factory.mktemp("copies"), site)


@pytest.mark.parametrize("command", RUN, ids=lambda command: command.line)
def test_a_command_ends_as_the_pages_say(here: Place, command: Command) -> None:
    ended = here.run(command)
    assert ended.code == command.code, ended.output
    assert "Traceback" not in ended.output


def test_the_commands_of_the_readme_are_found() -> None:
    lines = {command.line for command in commands() if command.page == "README.md"}
    assert {
        "make run",
        "newsmill run urls.txt",
        "newsmill worker fetch",
        "docker compose up --detach",
    } <= lines
    assert len(RUN) > 15


def test_every_exception_is_one_of_a_command_that_the_pages_have() -> None:
    lines = [command.line for command in commands()]
    assert set(CODES) <= set(lines)
    assert [start for start in LEFT_OUT if not any(line.startswith(start) for line in lines)] == []
