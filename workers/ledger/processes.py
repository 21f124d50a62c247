"""Who works: schedulers and workers say every few seconds that they are there, by Redis's clock."""

from dataclasses import dataclass

import msgspec

from workers.ledger.identity import short
from workers.ledger.pair import Pair
from workers.ledger.redis_client import RedisClient
from workers.ledger.scripts import Scripts

#: Seconds between two beats of a process, and seconds of silence after which it does not count any more: two beats may be
#: lost, or be late on a busy machine.
BEAT_EVERY, SILENT = 5.0, 15.0
#: Processes that are kept; some 200 bytes each. More than that only a neighbour makes.
MOST = 1000

SCHEDULER, WORKER = "scheduler", "worker"


class Process(msgspec.Struct, frozen=True, omit_defaults=True):
    """What a process says of itself."""

    #: `scheduler` or `worker`.
    kind: str
    host: str
    pid: int
    version: str
    #: Of a worker: its queues, what its pool has (`threads` or `processes`), and how many.
    queues: tuple[str, ...] = ()
    pool: str = ""
    size: int = 0


@dataclass(frozen=True, slots=True)
class Seen:
    """A process, and how many seconds ago its last beat was."""

    process: Process
    seconds: float


@dataclass(frozen=True, slots=True)
class Answer:
    """What a beat found: the store that the ledger belongs to, and whether that was forgotten until now."""

    store: str
    store_name: str
    was_lost: bool


class Processes:
    """The processes of the ledger under `prefix`. Methods raise redis.RedisError."""

    def __init__(self, redis: RedisClient, prefix: str) -> None:
        self._redis = redis
        self._beats, self._processes = f"{prefix}beats", f"{prefix}processes"
        self._run = Scripts(redis, prefix).run

    def beat(self, id_: str, process: Process, pair: Pair) -> Answer:
        """Note that a process works on a pair of ledger and store; `id_` is its own."""
        store, name, was_lost = self._run(
            "beat",
            *(id_, msgspec.json.encode(process), round(SILENT * 1000), MOST),
            *(pair.ledger, pair.store, pair.store_name),
        )
        return Answer(
            store.decode("utf-8", "replace"), short(name.decode("utf-8", "replace")), was_lost == b"1"
        )

    def leave(self, id_: str) -> None:
        """Forget a process that ends."""
        # Two commands, not a transaction: a full Redis refuses those.
        self._redis.zrem(self._beats, id_)
        self._redis.hdel(self._processes, id_)

    def seen(self) -> list[Seen]:
        """Return the processes that work."""
        pipe = self._redis.pipeline(transaction=False)
        pipe.zrange(self._beats, 0, -1, withscores=True)
        pipe.hgetall(self._processes)
        pipe.time()
        beats, texts, (seconds, microseconds) = pipe.execute()
        now = seconds + microseconds / 1e6
        return [
            Seen(process, max(now - at / 1000, 0.0))
            for id_, at in beats
            if now - at / 1000 < SILENT and (process := _process(texts.get(id_)))
        ]


def _process(text: bytes | None) -> Process | None:
    """Return a process, None for what is none: another version, or a neighbour, may have written it."""
    try:
        found = msgspec.json.decode(text or b"", type=Process)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None
    texts = (found.kind, found.host, found.version, found.pool)
    kind, host, version, pool = map(short, texts)
    queues = tuple(map(short, found.queues))
    return Process(kind, host, found.pid, version, queues, pool, found.size)
