"""Nothing lost, nothing done twice, counted experiment by experiment. docs/faults.md has the table of a full run."""

from collections.abc import Callable, Mapping

import pytest

from tests.faults.experiments import WITH_RECOVERY, WITHOUT_RECOVERY, Experiment
from tests.faults.invariant import Findings

#: The findings of each repeat of an experiment, by its seed.
Repeats = Callable[[Experiment], Mapping[int, Findings]]


@pytest.mark.parametrize("experiment", WITH_RECOVERY, ids=lambda one: one.name)
def test_the_invariant_holds_after(experiment: Experiment, repeats: Repeats) -> None:
    assert {seed: one.breaches for seed, one in repeats(experiment).items() if one.breaches} == {}


@pytest.mark.parametrize("experiment", WITHOUT_RECOVERY, ids=lambda one: one.name)
def test_without_recovery_something_is_lost_after(experiment: Experiment, repeats: Repeats) -> None:
    assert sum(one.lost for one in repeats(experiment).values()) > 0
