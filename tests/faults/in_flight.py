"""The articles that were in flight when a fault hit, and what has become of them since."""

import time
from dataclasses import dataclass, field

from tests.faults.system_state import SystemState
from workers.ledger.entries import Lease


@dataclass
class InFlight:
    """The leases at the last fault, by raw id, and the time of the fault (monotonic seconds)."""

    state: SystemState
    leases: dict[bytes, Lease] = field(default_factory=dict)
    at: float = 0.0

    def note(self) -> bool:
        """Note what is in flight, just before a fault; return False where that is nothing."""
        self.leases = {bytes.fromhex(one.article.id): one for one in self.state.frontier.leased()}
        self.at = time.monotonic()
        return bool(self.leases)

    def settled(self) -> bool:
        """Return whether all of it is settled."""
        flight = self.state.key("flight")
        return not self.leases or not any(self.state.redis.hmget(flight, list(self.leases)))

    def started_again(self) -> bool:
        """Return whether something of it has begun another attempt, or all of it is settled."""
        now = self._now()
        return not now or any(
            lease.entry.attempts > max(self.leases[one].entry.attempts, 1) for one, lease in now.items()
        )

    def moved_on(self, *tasks: str) -> bool:
        """Return whether everything that was in these tasks has been taken over by another process, or is done."""
        now = self._now()
        held = {one: lease for one, lease in self.leases.items() if lease.entry.task in tasks}
        return not any(one in now and _unchanged(lease, now[one]) for one, lease in held.items())

    def _now(self) -> dict[bytes, Lease]:
        leased = ((bytes.fromhex(one.article.id), one) for one in self.state.frontier.leased())
        return {raw: one for raw, one in leased if raw in self.leases}


def _unchanged(then: Lease, now: Lease) -> bool:
    """Return whether nothing has happened to an article: no new lease, attempt or task."""
    before, after = then.entry, now.entry
    return (before.token, before.attempts, before.task) == (after.token, after.attempts, after.task)
