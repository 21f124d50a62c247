"""One run of an experiment: start, submit, inject the fault, wait until nothing moves, check."""

import time
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from random import Random
from typing import Any

from tests.faults.cpu_pressure import waited_for_cpu
from tests.faults.experiments import BY_NAME, Experiment
from tests.faults.fault_injection import Overcome
from tests.faults.generated_site import Page, expectations, generate_pages, serving
from tests.faults.invariant import Evidence, Findings, Row, Write, check
from tests.faults.running_system import RunningSystem, running


def run_experiment(name: str, seed: int, folder: Path) -> Findings:
    """Run the experiment once with this seed; the logs of all processes stay in `folder`."""
    experiment = BY_NAME[name]
    folder.mkdir(parents=True)
    rng = Random(f"{experiment.name} {seed}")
    pages = generate_pages(rng, experiment.crash, experiment.site_size, experiment.hostile)
    with ExitStack() as stack:
        port = stack.enter_context(serving(pages, folder))
        database = stack.enter_context(experiment.database(folder))
        system = stack.enter_context(
            running(
                folder,
                database,
                port,
                experiment.settings,
                recovery=experiment.recovery,
                failover=experiment.failover,
            )
        )
        begin(system, experiment, [page.at(port) for page in pages])
        recovery = inject_faults(system, experiment, rng, pages)
        system.wait_until(system.quiet)
        exported = system.exported() if experiment.recovery else {}
        counted = system.counted() if experiment.steady else None
        system.drain()
        return check(
            Evidence(
                expected=expectations(pages, port),
                exported=exported,
                counted=counted,
                max_attempts=experiment.max_attempts,
                crashing_attempts=system.settings.max_attempts,
                within=experiment.within,
                problems=system.problems,
                **recovery,
                **final_state(system),
            )
        )


def begin(system: RunningSystem, experiment: Experiment, urls: Sequence[str]) -> None:
    """Submit the URLs and start the processes, in the experiment's own way if it has one."""
    if experiment.begin:
        experiment.begin(system, urls)
        return
    system.submit(urls, experiment.producers)
    system.start(experiment.layout)


def inject_faults(
    system: RunningSystem, experiment: Experiment, rng: Random, pages: Sequence[Page]
) -> dict[str, Any]:
    """Inject the fault at times that the seed gives; return how long the last recovery took."""
    stories = len({page.story for page in pages if page.story})
    earliest, latest = experiment.moments
    moments = sorted(rng.uniform(earliest, latest) * stories for _ in range(experiment.times))
    overcome: Overcome | None = None
    for moment in moments:
        system.wait_until(lambda: system.state.enriched() >= moment)  # noqa: B023 - called at once
        system.wait_until(system.in_flight.note)
        stalled = waited_for_cpu()
        overcome = experiment.fault(system, rng)
    if not experiment.recovery or not system.wait_until(overcome or system.in_flight.settled):
        return {}
    return {"recovery": time.monotonic() - system.in_flight.at, "stalled": waited_for_cpu() - stalled}


def final_state(system: RunningSystem) -> dict[str, Any]:
    """Return what is in the database and in Redis once all other processes have ended."""
    outcomes = system.state.frontier.snapshot().outcomes
    return {
        "rows": {row["id"]: _row(row) for row in system.database.store.rows()},
        "writes": [Write(*write) for write in system.database.writes()],
        "counts": {outcome.value: count for outcome, count in outcomes.items()},
        "owners": system.state.owners(),
        "left": system.state.left_over_keys(),
    }


def _row(row: Any) -> Row:
    names = ("url", "outcome", "reason", "stage", "content_id", "duplicate_of", "attempts")
    return Row(title=row["record"].get("title"), **{name: row[name] for name in names})
