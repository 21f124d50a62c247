"""One repeat of an experiment: start, submit, disturb, wait until all is quiet, look."""

import os
import subprocess
import sys
import time
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from random import Random
from typing import Any

from tests.faults.experiments import Experiment
from tests.faults.invariant import Evidence, Expected, Findings, Row, Write, judge
from tests.faults.plant import Plant, running
from tests.faults.web import Page, expectations, pages_of, serving

#: Where in a run faults happen, as parts of all stories that are enriched by then: while there is much in flight.
EARLIEST, LATEST = 0.05, 0.5


def run_trial(experiment: Experiment, seed: int, folder: Path) -> Findings:
    """Do the experiment once, as `seed` says; the logs of all processes stay in `folder`."""
    rng = Random(f"{experiment.name} {seed}")
    pages = pages_of(rng)
    with ExitStack() as stack:
        port = stack.enter_context(serving(pages))
        database = stack.enter_context(experiment.database(folder))
        plant = stack.enter_context(
            running(folder, database, port, experiment.settings, recovery=experiment.recovery)
        )
        submit(plant, [page.at(port) for page in pages], experiment.producers)
        plant.start(experiment.layout)
        recovery = disturb(plant, experiment, rng, pages)
        plant.wait_until(plant.quiet)
        plant.drain()
        return judge(evidence(plant, experiment, expectations(pages, port), recovery))


def submit(plant: Plant, urls: Sequence[str], producers: int) -> None:
    """Submit the list, as a user would, as many times at once as there are producers."""
    file = plant.folder / "urls.txt"
    file.write_text("\n".join(urls))
    command = [sys.executable, "-m", "workers.cli", "submit", str(file)]
    started = [_submitting(command, plant) for _ in range(producers)]
    assert [one.wait(60) for one in started] == [0] * producers


def _submitting(command: list[str], plant: Plant) -> "subprocess.Popen[bytes]":
    return subprocess.Popen(
        command, env={**os.environ, **plant.settings.environment()}, stdout=subprocess.DEVNULL
    )


def disturb(plant: Plant, experiment: Experiment, rng: Random, pages: Sequence[Page]) -> float | None:
    """Do what the experiment does, at moments of the seed; seconds that the last recovery took."""
    stories = len({page.story for page in pages if page.story})
    moments = sorted(rng.uniform(EARLIEST, LATEST) * stories for _ in range(experiment.times))
    for moment in moments:
        plant.wait_until(lambda: plant.enriched() >= moment)  # noqa: B023 - called at once
        plant.wait_until(plant.meet)
        experiment.fault(plant, rng)
    if not experiment.recovery or not plant.wait_until(plant.recovered):
        return None
    return time.monotonic() - plant.met_at


def evidence(
    plant: Plant, experiment: Experiment, expected: dict[str, Expected], recovery: float | None
) -> Evidence:
    """Return what there is to see once all processes but Redis and the database have ended."""
    return Evidence(
        expected=expected,
        rows={row["id"]: _row(row) for row in plant.database.store.rows()},
        writes=[Write(*write) for write in plant.database.writes()],
        counts={outcome.value: count for outcome, count in plant.frontier.snapshot().outcomes.items()},
        owners=plant.owners(),
        left=plant.left(),
        max_attempts=experiment.max_attempts,
        recovery=recovery,
    )


def _row(row: Any) -> Row:
    names = ("url", "outcome", "reason", "content_id", "duplicate_of", "attempts")
    return Row(title=row["record"].get("title"), **{name: row[name] for name in names})
