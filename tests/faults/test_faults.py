"""Nothing lost, nothing done twice: counted, experiment by experiment. docs/faults.md has a full run's table."""

from pathlib import Path

import pytest

from tests.faults.experiments import WITH_RECOVERY, WITHOUT_RECOVERY, Experiment
from tests.faults.invariant import Findings
from tests.faults.table import line
from tests.faults.trial import run_trial


def repeat(
    experiment: Experiment, seeds: range, folder: Path, table: list[tuple[str, ...]]
) -> dict[int, Findings]:
    found = {}
    for seed in seeds:
        place = folder / str(seed)
        place.mkdir()
        found[seed] = run_trial(experiment, seed, place)
    table.append(line(experiment.name, list(found.values())))
    return found


@pytest.mark.parametrize("experiment", WITH_RECOVERY, ids=lambda one: one.name)
def test_the_invariant_holds_after(
    experiment: Experiment, seeds: range, tmp_path: Path, table: list[tuple[str, ...]]
) -> None:
    found = repeat(experiment, seeds, tmp_path, table)
    assert {seed: one.breaches for seed, one in found.items() if one.breaches} == {}


@pytest.mark.parametrize("experiment", WITHOUT_RECOVERY, ids=lambda one: one.name)
def test_without_recovery_something_is_lost_after(
    experiment: Experiment, seeds: range, tmp_path: Path, table: list[tuple[str, ...]]
) -> None:
    found = repeat(experiment, seeds, tmp_path, table)
    assert sum(one.lost for one in found.values()) > 0
