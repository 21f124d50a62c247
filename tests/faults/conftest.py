"""The fault suite runs only when it is asked for by name (`make faults`): it takes many minutes."""

from pathlib import Path

import pytest

from tests.faults.table import markdown

HERE = Path(__file__).parent
#: Seconds for one repeat, at the very most.
SLOWEST = 200

_LINES = pytest.StashKey[list[tuple[str, ...]]]()


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--repeats", type=int, default=10, help="how often each experiment is done")
    parser.addoption("--seed", type=int, default=1, help="the first repeat's seed; the others follow")


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    del collection_path
    named = (Path(argument.partition("::")[0]).resolve() for argument in config.args)
    return None if any(path.is_relative_to(HERE) for path in named) else True


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    for item in items:
        if item.path.is_relative_to(HERE):
            item.add_marker(pytest.mark.timeout(SLOWEST * config.getoption("repeats")))


def pytest_configure(config: pytest.Config) -> None:
    config.stash[_LINES] = []


@pytest.fixture
def table(pytestconfig: pytest.Config) -> list[tuple[str, ...]]:
    """The lines of the table that is printed at the end."""
    return pytestconfig.stash[_LINES]


@pytest.fixture
def seeds(pytestconfig: pytest.Config) -> range:
    """A seed for each repeat."""
    first = pytestconfig.getoption("seed")
    return range(first, first + pytestconfig.getoption("repeats"))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    lines = config.stash[_LINES]
    if lines:
        terminalreporter.write_line("")
        terminalreporter.write_line(markdown(lines))
