"""The fault "poison": messages, copies, broadcasts and records that nobody can read, wherever somebody may write them."""

from collections.abc import Iterator
from random import Random

from tests.faults.running_system import RunningSystem
from tests.poison import RUBBISH, poison
from workers.ledger.invalid import InvalidMessages

#: Broadcasts of remote control go to this channel, the events of Celery to the other: kombu's names, after the prefix.
_CHANNELS = ("celery:/0.celery.pidbox", "celery:/0.celeryev/worker.heartbeat")
#: Seconds until everything was taken out: the scheduler looks for odd copies every 5 s.
_TAKEN_OUT = 30.0


def poison_everything(system: RunningSystem, rng: Random) -> None:
    """Poison queues, copies, channels, heartbeats and records, while much is in flight.

    No process may end, all that was put there must be taken out, and all that is invalid be counted.
    """
    redis, state = system.state.redis, system.state
    starts = {name: process.starts for name, process in system.processes.items()}
    good: list[bytes] = []

    def found() -> bool:
        good.extend(
            one for queue in ("fetch", "enrich") for one in redis.lrange(state.key(f"celery:{queue}"), 0, 0)
        )
        return bool(good)

    if not system.wait_until(found):
        system.problems.append("no message to make poison of")
        return
    kinds = list(poison(good[0]).values())
    rng.shuffle(kinds)
    for queue in ("fetch", "enrich"):
        for item in kinds:
            redis.rpush(state.key(f"celery:{queue}"), item)
    for number, (channel, item) in enumerate((channel, item) for channel in _CHANNELS for item in kinds):
        redis.publish(state.key(channel), item)
        redis.hset(state.key("celery:unacked"), f"poison {number}", rng.choice([*RUBBISH.values()]))
    for number, item in enumerate(RUBBISH.values()):
        redis.hset(state.key("processes"), f"poison {number}", item)
        redis.zadd(state.key("beats"), {f"poison {number}": 2**62})
        raw = bytes([255, number]) * 8
        redis.hset(state.key("flight"), raw, item)
        redis.zadd(state.key("leases"), {raw: 0})
        redis.zadd(state.key("later"), {bytes([254, number]) * 8: 0})
    if not system.wait_until(lambda: not any(_left(system)), _TAKEN_OUT):
        system.problems.append(f"not taken out: {list(_left(system))}")
    ended = [
        name
        for name, process in system.processes.items()
        if process.starts != starts[name] or process.ended()
    ]
    if ended:
        system.problems.append(f"ended over a message: {ended}")
    counted = sum(InvalidMessages(redis, system.settings.key_prefix).counts().values())
    if counted < 2 * len(kinds):
        system.problems.append(
            f"{counted} messages were counted as invalid, of {2 * len(kinds)} in queues alone"
        )
    redis.delete(state.key("invalid"), state.key("invalid:counts"))


def _left(system: RunningSystem) -> Iterator[str]:
    """Yield what is still there."""
    redis, state = system.state.redis, system.state
    for key in ("celery:unacked", "flight"):
        for name in redis.hkeys(state.key(key)):
            if name.startswith(b"poison") or (len(name) == 16 and name[::2] in {b"\xff" * 8, b"\xfe" * 8}):
                yield f"{key} {name!r}"
    good = {
        len(item)
        for queue in ("fetch", "enrich")
        for item in redis.lrange(state.key(f"celery:{queue}"), 0, -1)
    }
    if good and (min(good) < 500 or max(good) > 20_000):
        yield f"queues: {sorted(good)}"
