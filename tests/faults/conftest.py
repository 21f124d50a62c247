"""The fault suite runs only when it is named on the command line (`make faults`): it takes many minutes."""

import multiprocessing
import os
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future, ProcessPoolExecutor
from pathlib import Path

import pytest

from tests.faults.experiment_run import run_experiment
from tests.faults.experiments import Experiment
from tests.faults.forked_process import preload
from tests.faults.invariant import Findings
from tests.faults.table import line, markdown

HERE = Path(__file__).parent
#: Repeats that run at once: half of the time of each is spent waiting for a lease or an outage.
AT_ONCE = 2 * (os.cpu_count() or 1)
#: Seconds that a test may wait for its repeats at most: those of other tests run before them.
SLOWEST = 3 * 3600

_LINES = pytest.StashKey[list[tuple[str, ...]]]()

Runs = Mapping[str, Mapping[int, "Future[Findings]"]]


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--repeats", type=int, default=10, help="how often each experiment runs")
    parser.addoption(
        "--seed", type=int, default=1, help="seed of the first repeat; the others count up from it"
    )
    parser.addoption("--quick", action="store_true", help="leave out the slow experiments")


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    del collection_path
    named = (Path(argument.partition("::")[0]).resolve() for argument in config.args)
    return None if any(path.is_relative_to(HERE) for path in named) else True


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    for item in items:
        if item.path.is_relative_to(HERE):
            item.add_marker(pytest.mark.timeout(SLOWEST))
        if (one := _experiment(item)) and (reason := one.unavailable()):
            item.add_marker(pytest.mark.skip(reason))
    if config.getoption("quick"):
        left_out = [item for item in items if (one := _experiment(item)) and not one.quick]
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if item not in left_out]


def pytest_configure(config: pytest.Config) -> None:
    config.stash[_LINES] = []


@pytest.fixture(scope="session")
def runs(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Runs]:
    """The repeats of all selected experiments, running in a pool: the slow ones first."""
    first, config = request.config.getoption("seed"), request.config
    folder = tmp_path_factory.mktemp("faults")
    experiments = [
        one for item in request.session.items if (one := _experiment(item)) and not one.unavailable()
    ]
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(AT_ONCE, context, initializer=preload) as pool:
        yield {
            one.name: {
                seed: pool.submit(run_experiment, one.name, seed, folder / f"{_file_name(one.name)}-{seed}")
                for seed in range(first, first + config.getoption("repeats"))
            }
            for one in sorted(experiments, key=lambda one: one.quick)
        }
        pool.shutdown(cancel_futures=True)


@pytest.fixture
def repeats(runs: Runs, pytestconfig: pytest.Config) -> Callable[[Experiment], Mapping[int, Findings]]:
    """Return a function that waits for an experiment's findings, by seed, and adds its line to the table."""

    def wait(experiment: Experiment) -> Mapping[int, Findings]:
        found = {seed: run.result() for seed, run in runs[experiment.name].items()}
        pytestconfig.stash[_LINES].append(line(experiment.name, list(found.values())))
        return found

    return wait


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    lines = config.stash[_LINES]
    if lines:
        terminalreporter.write_line("")
        terminalreporter.write_line(markdown(lines))


def _experiment(item: pytest.Item) -> Experiment | None:
    callspec = getattr(item, "callspec", None)
    one = callspec.params.get("experiment") if callspec else None
    return one if isinstance(one, Experiment) else None


def _file_name(name: str) -> str:
    return "".join(c if c.isalnum() else "-" for c in name)
