"""One repeat of an experiment: start, submit, disturb, wait until all is quiet, look."""

import time
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from random import Random
from typing import Any

from tests.faults.experiments import BY_NAME, Experiment
from tests.faults.faults import Overcome
from tests.faults.invariant import Evidence, Findings, Row, Write, judge
from tests.faults.nursery import Forked, command
from tests.faults.plant import Plant, running
from tests.faults.pressure import waited_for_cpu
from tests.faults.web import Page, expectations, pages_of, serving

#: Where in a run faults happen, as parts of all stories that are enriched by then: while there is much in flight.
EARLIEST, LATEST = 0.05, 0.5


def run_trial(name: str, seed: int, folder: Path) -> Findings:
    """Do the experiment once, as `seed` says; the logs of all processes stay in `folder`."""
    experiment = BY_NAME[name]
    folder.mkdir(parents=True)
    rng = Random(f"{experiment.name} {seed}")
    pages = pages_of(rng, experiment.harm)
    with ExitStack() as stack:
        port = stack.enter_context(serving(pages, folder))
        database = stack.enter_context(experiment.database(folder))
        plant = stack.enter_context(
            running(folder, database, port, experiment.settings, recovery=experiment.recovery)
        )
        submit(plant, [page.at(port) for page in pages], experiment.producers)
        plant.start(experiment.layout)
        recovery = disturb(plant, experiment, rng, pages)
        plant.wait_until(plant.quiet)
        exported = plant.exported() if experiment.recovery else {}
        counted = plant.counted() if experiment.steady else None
        plant.drain()
        return judge(
            Evidence(
                expected=expectations(pages, port),
                exported=exported,
                counted=counted,
                max_attempts=experiment.max_attempts,
                deadly_attempts=plant.settings.max_attempts,
                within=experiment.within,
                troubles=plant.troubles,
                **recovery,
                **seen(plant),
            )
        )


def submit(plant: Plant, urls: Sequence[str], producers: int) -> None:
    """Submit the list, as a user would, as many times at once as there are producers."""
    file = plant.folder / "urls.txt"
    file.write_text("\n".join(urls))
    submitting = [
        Forked(
            "submit", command("submit", str(file)), plant.folder / "submit.log", plant.settings.environment()
        )
        for _ in range(producers)
    ]
    for one in submitting:
        one.start()
    for one in submitting:
        one.wait(60)
    assert [one.code for one in submitting] == [0] * producers, (plant.folder / "submit.log").read_text()


def disturb(plant: Plant, experiment: Experiment, rng: Random, pages: Sequence[Page]) -> dict[str, Any]:
    """Do what the experiment does, at moments of the seed; how long the last recovery took."""
    stories = len({page.story for page in pages if page.story})
    moments = sorted(rng.uniform(EARLIEST, LATEST) * stories for _ in range(experiment.times))
    overcome: Overcome | None = None
    for moment in moments:
        plant.wait_until(lambda: plant.enriched() >= moment)  # noqa: B023 - called at once
        plant.wait_until(plant.meet)
        stalled = waited_for_cpu()
        overcome = experiment.fault(plant, rng)
    if not experiment.recovery or not plant.wait_until(overcome or plant.settled):
        return {}
    return {"recovery": time.monotonic() - plant.met_at, "stalled": waited_for_cpu() - stalled}


def seen(plant: Plant) -> dict[str, Any]:
    """Return what there is to see once all processes but Redis and the database have ended."""
    return {
        "rows": {row["id"]: _row(row) for row in plant.database.store.rows()},
        "writes": [Write(*write) for write in plant.database.writes()],
        "counts": {outcome.value: count for outcome, count in plant.frontier.snapshot().outcomes.items()},
        "owners": plant.owners(),
        "left": plant.left(),
    }


def _row(row: Any) -> Row:
    names = ("url", "outcome", "reason", "stage", "content_id", "duplicate_of", "attempts")
    return Row(title=row["record"].get("title"), **{name: row[name] for name in names})
