"""The whole system on one screen: an article passes these stages, in this order.

A stage is a plain function from Article to Article. It ends an article by raising `Rejected`, `Failed` or `TryLater`
(tasks/errors.py), or by setting `outcome`; whatever else it raises is a bug, tried again a few times. Each package
says all about its stage in one `STAGE` (tasks/stage.py). Celery's tasks, queues and pools, what a worker loads, the
columns of an export and the versions in a row are derived from this list, and named nowhere else.
"""

from collections.abc import Iterator
from importlib import import_module

from tasks.stage import Stage, Step, check

#: The package or module in tasks/ that has the stage, in the order of the chain.
CHAIN = (
    "fetch",
    "extract",
    "language",
    "dedupe",
    "topics",
)
STAGES: tuple[Stage, ...] = tuple(import_module(f"tasks.{name}").STAGE for name in CHAIN)
check(STAGES)


def bind(tools: object) -> dict[str, Step]:
    """Return each stage's function by its name, working with `tools`.

    `tools` has an attribute for each tool that a stage's function names; it is asked for when the stage runs, so that
    no process makes what it does not use.
    """
    return {stage.name: stage.bind(tools) for stage in STAGES}


def version_names() -> Iterator[str]:
    """Yield the names under which a row has the versions of what made it."""
    for stage in STAGES:
        yield from stage.version_names
