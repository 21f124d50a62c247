"""Who works on this ledger: its schedulers and workers, and the kinds that are missing."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from workers.delivery.queues import stages_by_queue
from workers.ledger.processes import SCHEDULER, WORKER, Processes, Seen
from workers.ledger.redis_client import RedisClient
from workers.output.words import counted
from workers.settings import Settings


def slots(size: int, pool: str) -> str:
    """Return how much a worker does at once: `32 threads`, `1 process`."""
    return counted(size, {"threads": "thread", "processes": "process"}.get(pool, pool), pool)


@dataclass(frozen=True, slots=True)
class Working:
    """The processes that were seen in the last seconds, and the queues that there are."""

    seen: Sequence[Seen]
    #: The queues of the stages, in their order.
    queues: Sequence[str]
    #: The command that starts all that is missing, where there is one: `newsmill run`.
    run: str | None = None

    @property
    def missing(self) -> list[str]:
        """Return the arguments of `newsmill` for each kind of process that does not work: `worker fetch`."""
        taken = {queue for one in self.seen for queue in one.process.queues}
        workers = [f"{WORKER} {queue}" for queue in self.queues if queue not in taken]
        return workers if any(one.process.kind == SCHEDULER for one in self.seen) else [SCHEDULER, *workers]

    def advice(self, unsettled: int) -> str | None:
        """Return who is missing for the URLs that are not settled, and what to start; None if nobody or nothing is."""
        if not unsettled or not self.missing:
            return None
        if self.run and self.seen:
            return None  # a run starts anew what has ended
        urls = "this URL" if unsettled == 1 else f"these {unsettled:,} URLs"
        if not self.seen:
            who = f"Nobody takes {urls}"
        else:
            kinds = ["scheduler" if one == SCHEDULER else f"{one.split()[1]} worker" for one in self.missing]
            who = f"No {' and no '.join(kinds)} runs, so {urls} will not be done"
        commands = [self.run] if self.run else [f"newsmill {one}" for one in self.missing]
        return f"{who}: start {', '.join(f'`{one}`' for one in commands)}."

    def as_json(self) -> list[dict[str, Any]]:
        """Return the processes as JSON types; `seconds` since the last sign of life."""
        return [
            {
                "kind": one.process.kind,
                "queues": list(one.process.queues),
                "host": one.process.host,
                "pid": one.process.pid,
                "pool": one.process.pool or None,
                "size": one.process.size or None,
                "version": one.process.version,
                "seconds": round(one.seconds, 1),
            }
            for one in self.seen
        ]

    def counts(self) -> list[tuple[str, int, int, str]]:
        """Return for schedulers and each queue: its name, how many processes, the sum of their sizes, of what."""
        schedulers = sum(one.process.kind == SCHEDULER for one in self.seen)
        found = [(SCHEDULER, schedulers, 0, "")] if schedulers else []
        others = sorted({queue for one in self.seen for queue in one.process.queues} - {*self.queues})
        for queue in (*self.queues, *others):
            takes = [one.process for one in self.seen if queue in one.process.queues]
            if takes:
                found.append((queue, len(takes), sum(one.size for one in takes), takes[0].pool))
        return found


def read_working(client: RedisClient, settings: Settings, run: str | None = None) -> Working:
    """Return who works now: schedulers, then workers in the order of their queues. Raises redis.RedisError.

    `run` is the command that starts them together, if there is one.
    """
    queues = list(stages_by_queue(settings))

    def order(seen: Seen) -> tuple[Any, ...]:
        one = seen.process
        places = [queues.index(queue) if queue in queues else len(queues) for queue in one.queues]
        return one.kind != SCHEDULER, min(places, default=0), one.queues, one.host, one.pid

    return Working(sorted(Processes(client, settings.key_prefix).seen(), key=order), queues, run)
