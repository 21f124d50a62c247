"""The queues, and the kind of worker that each needs; both follow from the stages that are routed there."""

from collections.abc import Container, Iterable, Mapping

from tasks.pipeline import STAGES
from tasks.stage import Pool, Stage, tools_of
from workers.settings import Settings


def stages_by_queue(settings: Settings) -> Mapping[str, tuple[Stage, ...]]:
    """Return the stages of each queue, in their order; queues are in the order of their first stage."""
    queues: dict[str, tuple[Stage, ...]] = {}
    for stage in STAGES:
        queue = settings.queue_of(stage.name)
        queues[queue] = (*queues.get(queue, ()), stage)
    return queues


def pool_of(settings: Settings, queue: str) -> Pool:
    """Return the pool that a worker of `queue` needs: threads if all its stages use threads, else processes."""
    stages = stages_by_queue(settings).get(queue, ())
    threads = stages and all(stage.pool is Pool.THREADS for stage in stages)
    return Pool.THREADS if threads else Pool.PROCESSES


def stages_of(settings: Settings, queues: Container[str]) -> list[Stage]:
    """Return the stages of some queues."""
    return [stage for stage in STAGES if settings.queue_of(stage.name) in queues]


def uses_contents(stages: Iterable[Stage]) -> bool:
    """Return whether one of the stages asks the index of contents; imports their functions."""
    return any("contents" in tools_of(stage.run) for stage in stages)
