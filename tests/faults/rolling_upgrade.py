"""A rolling upgrade: processes of the previous version and of this one side by side, on the same Redis and database.

The previous version submits a list and starts on it. While articles are in flight, processes of this version join, those
of the previous one are stopped one after the other, and this version submits a second list. Messages, leases, entries and
rows of the previous version must be finished by this one, and those of this one must not break the previous one.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, closing, contextmanager
from functools import partial
from pathlib import Path
from random import Random
from types import MappingProxyType
from typing import Any

from tasks.article import Outcome
from tests.faults.configuration import Layout, command_of
from tests.faults.database import Database, sqlite
from tests.faults.forked_process import ForkedProcess
from tests.faults.running_system import RunningSystem
from workers.store.store import Store

#: The previous version: the last commit before stores, ledger and messages carried a version, and before `workers` was
#: divided into packages. What a cluster of that day has in Redis and SQL is what an upgrade meets first.
PREVIOUS = "8598ce941e838520ad1bd5c2260b2542c585fb73"
#: The URLs of a run, in multiples of 155, and the share in the first list: enough work for both versions side by side.
SITE_SIZE = 3
FIRST_LIST = 2 / 3
#: Articles that are enriched after each step, so that both versions take part.
BETWEEN_STEPS = 5
#: Seconds to wait for those at most: there may be fewer left.
STEP_TIMEOUT = 5.0
#: Seconds in which articles must be found in every state: leased, deferred, and with a message in each queue.
BUSY_TIMEOUT = 30.0
#: Many in flight and few fetch threads, so that messages wait in both queues; deferrals that outlast the first steps.
#: Limits and leases that nothing reaches while processes of two versions start on a busy machine: an upgrade must cost no
#: attempt.
SETTINGS: Mapping[str, Any] = MappingProxyType(
    {
        "max_in_flight": 250,
        "fetch_threads": 2,
        "backoff_base": 8,
        "backoff_cap": 16,
        "soft_limit": 20,
        "hard_limit": 24,
        "lease_seconds": 30,
        "drain_seconds": 20,
    }
)

_REPOSITORY = Path(__file__).parents[2]
#: Creates the previous version's tables.
_CREATE = "import sys; from workers.store import open_store\nwith open_store(sys.argv[1]): pass"


def unavailable() -> str | None:
    """Return why there is no previous version on this machine; None where there is."""
    if shutil.which("git") is None:
        return "the previous version is taken from git, which is not installed"
    known = subprocess.run(
        ["git", "cat-file", "-e", f"{PREVIOUS}^{{commit}}"], cwd=_REPOSITORY, capture_output=True, check=False
    )
    return (
        None if known.returncode == 0 else f"this checkout has no commit {PREVIOUS[:7]}, the previous version"
    )


def database(folder: Path) -> AbstractContextManager[Database]:
    """Check the previous version out into `folder`; return a new SQLite database with its tables."""
    check_out(_tree(folder))
    return sqlite(folder, partial(_created_by_previous, folder))


def begin(system: RunningSystem, urls: Sequence[str]) -> None:
    """Have the previous version submit the first list and start on it: a scheduler, an enrich and a fetch worker."""
    first = round(len(urls) * FIRST_LIST)
    system.second_list = urls[first:]
    system.submit(urls[:first], program=partial(previous_newsmill, _tree(system.folder)))
    # The fetch worker comes last. It starts faster than the enrich worker, and would have fetched everything by then.
    for kind in ("scheduler", "enrich", "fetch"):
        name = _previous(kind)
        system.start_process(name, previous_newsmill(_tree(system.folder), *command_of(kind)))
        if kind == "enrich":
            system.wait_until(partial(_ready, system.processes[name]))


def upgrade(start: Sequence[str], stop: Sequence[str], system: RunningSystem, _: Random) -> None:
    """Start this version's processes in one order, stop the previous version's in another, and submit the second list."""
    if not system.wait_until(partial(_busy, system), BUSY_TIMEOUT):
        system.problems.append("the previous version never had leases, messages in both queues and deferrals")
    for kind in start:
        system.start(Layout(**dict.fromkeys(("scheduler", "fetch", "enrich"), 0) | {kind: 1}))
        _wait_for_progress(system)
    for kind in stop:
        system.stop_process(_previous(kind))
        _wait_for_progress(system)
    system.submit(system.second_list)


#: What starts first, and the fault that does it.
ORDERS: Mapping[str, Callable[[RunningSystem, Random], None]] = MappingProxyType(
    {
        "new scheduler": partial(upgrade, ("scheduler", "fetch", "enrich"), ("scheduler", "fetch", "enrich")),
        "new workers": partial(upgrade, ("enrich", "fetch", "scheduler"), ("enrich", "fetch", "scheduler")),
    }
)


def check_out(tree: Path) -> None:
    """Put the previous version's files into the new folder `tree`."""
    tree.mkdir()
    with subprocess.Popen(["git", "archive", PREVIOUS], cwd=_REPOSITORY, stdout=subprocess.PIPE) as archive:
        subprocess.run(["tar", "--extract"], cwd=tree, stdin=archive.stdout, check=True)
    assert archive.returncode == 0


def previous_newsmill(tree: Path, *arguments: str) -> Callable[[], object]:
    """Return a function that runs the previous version's `newsmill` with these arguments in its process."""

    def main() -> None:
        os.chdir(tree)
        command = [sys.executable, "-m", "workers.cli", *arguments]
        os.execve(sys.executable, command, {**os.environ, "PYTHONPATH": str(tree)})

    return main


@contextmanager
def _created_by_previous(folder: Path, url: str) -> Iterator[Store]:
    """Create the previous version's tables; yield the store without migrating it, since the processes have to."""
    tree = _tree(folder)
    env = {**os.environ, "PYTHONPATH": str(tree)}
    subprocess.run([sys.executable, "-c", _CREATE, url], cwd=tree, env=env, check=True)
    with closing(Store(url)) as store:
        yield store


def _ready(worker: ForkedProcess) -> bool:
    """Return whether a worker consumes, as Celery writes into its log."""
    return worker.log.exists() and " ready." in worker.log.read_text()


def _busy(system: RunningSystem) -> bool:
    """Return whether all processes work, articles are leased and deferred, and messages wait in both queues."""
    now = system.state.frontier.snapshot()
    enriched = now.outcomes[Outcome.ENRICHED]
    return bool(enriched and now.in_flight and now.deferred and all(system.state.messages()))


def _wait_for_progress(system: RunningSystem) -> None:
    enriched = system.state.enriched() + BETWEEN_STEPS
    system.wait_until(lambda: system.state.enriched() >= enriched, STEP_TIMEOUT)


def _previous(kind: str) -> str:
    """Return the name of the previous version's process of a kind."""
    return f"previous-{kind}-1"


def _tree(folder: Path) -> Path:
    """Return the folder of the previous version's files."""
    return folder / "previous"
