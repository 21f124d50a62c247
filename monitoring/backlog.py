"""The gauges of the scheduler: the frontier, Redis and the store."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

from monitoring import catalogue


@dataclass(frozen=True, slots=True, kw_only=True)
class Backlog:
    """The frontier in numbers; ages and delays in seconds."""

    waiting: int
    in_flight: int
    in_flight_limit: int
    deferred: int
    #: Articles with an outcome, by the outcome.
    settled: Mapping[str, int]
    oldest: float
    next_due: float
    hosts_due: int
    hosts_paced: int
    #: Seconds until a host may be fetched from, for the few hosts that are held back longest.
    paused: Mapping[str, float]
    #: Walls instead of pages, for the few worst hosts, by host and reason.
    walls: Mapping[tuple[str, str], int]
    #: Seconds since when a host blocks, for the few that have done so for longest.
    blocks: Mapping[str, float]
    #: Messages by queue.
    queues: Mapping[str, int]
    #: Invalid messages that were taken out, by queue and reason.
    invalid: Mapping[tuple[str, str], int]
    #: Shares of their limit that things take which are forgotten at the limit, 0 to 1.
    kept: Mapping[str, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class RedisState:
    """The state that Redis reports."""

    memory: int
    #: 0 without a limit.
    memory_limit: int
    aof_ok: bool
    evicted_keys: int
    clients: int
    commands: int


@dataclass(frozen=True, slots=True, kw_only=True)
class StoreState:
    """The state that the database reports."""

    rows: int
    size: int
    connections: int


class BacklogCollector(Collector):
    """Yields the gauges of frontier, Redis and store. Both functions return None, in time, if their server is down.

    The backlog is None if Redis answers, and nobody can read the frontier.
    """

    def __init__(
        self,
        redis: Callable[[], tuple[RedisState, Backlog | None] | None],
        store: Callable[[], StoreState | None],
    ) -> None:
        self._redis, self._store = redis, store

    def collect(self) -> Iterable[Metric]:
        """Yield the current gauges."""
        redis, store = self._redis(), self._store()
        yield catalogue.REDIS_UP.show((redis is not None,))
        if redis:
            state, backlog = redis
            yield from _of_redis(state)
            yield from _of_backlog(backlog) if backlog else ()
        yield catalogue.STORE_UP.show((store is not None,))
        if store:
            yield catalogue.STORE_ROWS.show((store.rows,))
            yield catalogue.STORE_BYTES.show((store.size,))
            yield catalogue.STORE_CONNECTIONS.show((store.connections,))


def _of_backlog(now: Backlog) -> Iterable[Metric]:
    yield catalogue.URLS.show(
        ("waiting", now.waiting), ("in_flight", now.in_flight), ("deferred", now.deferred)
    )
    yield catalogue.IN_FLIGHT_LIMIT.show((now.in_flight_limit,))
    yield catalogue.SETTLED.show(*now.settled.items())
    yield catalogue.OLDEST.show((now.oldest,))
    yield catalogue.NEXT_DUE.show((now.next_due,))
    yield catalogue.HOSTS.show(("due", now.hosts_due), ("paced", now.hosts_paced))
    yield catalogue.HOST_PAUSED.show(*now.paused.items())
    yield catalogue.HOST_WALLS.show(*((*one, pages) for one, pages in now.walls.items()))
    yield catalogue.HOST_BLOCKS.show(*now.blocks.items())
    yield catalogue.QUEUE_LENGTH.show(*now.queues.items())
    yield catalogue.INVALID_MESSAGES.show(*((*kind, number) for kind, number in now.invalid.items()))
    yield catalogue.KEPT.show(*now.kept.items())


def _of_redis(now: RedisState) -> Iterable[Metric]:
    yield catalogue.REDIS_MEMORY.show((now.memory,))
    yield catalogue.REDIS_MEMORY_LIMIT.show((now.memory_limit,))
    yield catalogue.REDIS_AOF_OK.show((now.aof_ok,))
    yield catalogue.REDIS_EVICTED.show((now.evicted_keys,))
    yield catalogue.REDIS_CLIENTS.show((now.clients,))
    yield catalogue.REDIS_COMMANDS.show((now.commands,))
