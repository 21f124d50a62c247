"""The scheduler's metrics of the frontier, Redis and the database, read at each scrape.

They have connections of their own with short timeouts, so that a scrape never delays the scheduler's loop. Every function
may raise redis.RedisError or sqlalchemy.exc.DBAPIError.
"""

from collections import Counter
from collections.abc import Iterable

from redis.exceptions import ConnectionError, TimeoutError  # noqa: A004 - redis's own names
from sqlalchemy import Engine, create_engine
from sqlalchemy.engine import make_url
from sqlalchemy.pool import NullPool

from monitoring.backlog import Backlog, BacklogCollector, RedisState, StoreState
from monitoring.deadline import WithDeadline
from monitoring.unexpected import unexpected
from workers.delivery.compat.kombu_keys import queue_key
from workers.delivery.message_check import FAULTS
from workers.delivery.queues import stages_by_queue
from workers.ledger.entries import Policy, Priority
from workers.ledger.frontier import Frontier
from workers.ledger.invalid import InvalidMessages
from workers.ledger.redis_client import RedisClient, connect
from workers.ledger.walls import Wall
from workers.settings import Settings
from workers.store.postgresql_tls import tls_arguments
from workers.store.statistics import size_of

#: Timeout of a connection attempt and of a query, in seconds; libpq's shortest connect timeout is 2.
TIMEOUT = 2
#: Hosts with the longest pauses, and worst hosts, that are shown.
HOSTS_SHOWN = 10
#: Milliseconds after which a host that nobody has asked counts no more as one that blocks; a pause is an hour by default.
A_DAY_MS = 24 * 3600 * 1000


def backlog_collector(settings: Settings) -> BacklogCollector:
    """Return a collector for the frontier, Redis and the store of these settings; it connects at the first scrape."""
    client = impatient_client(settings)
    frontier = Frontier(client, settings.key_prefix, Policy.of(settings))
    engine = impatient_engine(settings.database_url.get_secret_value())
    return BacklogCollector(
        WithDeadline(lambda: (read_redis(client), _backlog_or_none(client, frontier, settings))),
        WithDeadline(lambda: read_store(engine)),
    )


def _backlog_or_none(client: RedisClient, frontier: Frontier, settings: Settings) -> Backlog | None:
    """Return the backlog; None where Redis answers, and something else is in it than newsmill has written."""
    try:
        return read_backlog(client, frontier, settings)
    except (ConnectionError, TimeoutError):
        raise
    except Exception as error:  # noqa: BLE001 - the other metrics are still true
        unexpected("metrics", error)
        return None


def impatient_client(settings: Settings) -> RedisClient:
    """Return a Redis client that fails after TIMEOUT, without retries."""
    return connect(settings, timeout=TIMEOUT)


def impatient_engine(url: str) -> Engine:
    """Return an engine without a connection pool, whose queries fail after TIMEOUT."""
    parsed = make_url(url)
    if parsed.get_backend_name() != "postgresql":
        return create_engine(parsed, poolclass=NullPool, connect_args={"timeout": TIMEOUT})
    limits = {"connect_timeout": TIMEOUT, "options": f"-c statement_timeout={TIMEOUT * 1000}"}
    arguments = {**limits, **tls_arguments(parsed)}
    return create_engine(
        parsed.set(drivername="postgresql+psycopg"), poolclass=NullPool, connect_args=arguments
    )


def read_backlog(client: RedisClient, frontier: Frontier, settings: Settings) -> Backlog:
    """Return the numbers of the frontier; takes nine round trips."""
    now = frontier.snapshot()
    full = hosts_at_concurrency(client, frontier, settings)
    due, paced, paused = read_hosts(client, settings.key_prefix, now.now)
    walls = frontier.walls.worst(HOSTS_SHOWN)
    return Backlog(
        waiting=now.waiting,
        in_flight=now.in_flight,
        in_flight_limit=settings.max_in_flight,
        deferred=now.deferred,
        settled={outcome.value: count for outcome, count in now.outcomes.items()},
        oldest=_seconds_between(now.oldest, now.now),
        next_due=_seconds_between(now.now, now.next_due),
        hosts_due=due,
        hosts_paced=paced + full,
        paused=paused,
        walls={(wall.host, reason): pages for wall in walls for reason, pages in wall.pages.items()},
        blocks=_blocks(walls, now.now),
        queues=read_queues(client, settings),
        invalid=read_invalid(client, settings),
        kept=frontier.kept(),
    )


def read_hosts(client: RedisClient, prefix: str, now: int) -> tuple[int, int, dict[str, float]]:
    """Return how many hosts with waiting URLs are due and how many not yet, and the longest pauses in seconds.

    Without those at their concurrency. A host with URLs of two priorities counts twice. `now` in milliseconds since
    the epoch, on Redis's clock.
    """
    pipe = client.pipeline(transaction=False)
    for priority in Priority:
        ready = f"{prefix}ready:{priority.value}"
        pipe.zcount(ready, "-inf", now)
        pipe.zcount(ready, f"({now}", "+inf")
        pipe.zrange(ready, 0, HOSTS_SHOWN - 1, desc=True, withscores=True)
    replies = pipe.execute()
    dues = {
        host.decode("utf-8", "replace"): due for latest in replies[2::3] for host, due in latest if due > now
    }
    longest = sorted(dues, key=dues.__getitem__, reverse=True)[:HOSTS_SHOWN]
    return sum(replies[0::3]), sum(replies[1::3]), {host: (dues[host] - now) / 1000 for host in longest}


def hosts_at_concurrency(client: RedisClient, frontier: Frontier, settings: Settings) -> int:
    """Return how many hosts have waiting URLs and as many in flight as NEWSMILL_HOST_CONCURRENCY allows."""
    in_flight = Counter(lease.entry.host.removeprefix("https://") for lease in frontier.leased())
    pipe = client.pipeline(transaction=False)
    for host, count in in_flight.items():
        if host and count >= settings.host_concurrency:
            servers = (host, f"https://{host}")
            names = (f"q:{priority.value}:{server}" for priority in Priority for server in servers)
            pipe.exists(*(settings.key_prefix + name for name in names))
    return sum(map(bool, pipe.execute()))


def read_queues(client: RedisClient, settings: Settings) -> dict[str, int]:
    """Return the number of messages in each queue."""
    queues = sorted(stages_by_queue(settings))
    pipe = client.pipeline(transaction=False)
    for queue in queues:
        pipe.llen(queue_key(settings.key_prefix, queue))
    return dict(zip(queues, pipe.execute(), strict=True))


def read_invalid(client: RedisClient, settings: Settings) -> dict[tuple[str, str], int]:
    """Return how many invalid messages there were by queue and reason, 0 for those that there were none of."""
    none = {(queue, fault): 0 for queue in stages_by_queue(settings) for fault in FAULTS}
    return {**none, **InvalidMessages(client, settings.key_prefix).counts()}


def _blocks(walls: Iterable[Wall], now: int) -> dict[str, float]:
    """Return the seconds since when hosts block, of those that were asked within a day: an alert ends with its list."""
    return {
        wall.host: _seconds_between(wall.blocks_since, now)
        for wall in walls
        if wall.blocks_since is not None and now - wall.last < A_DAY_MS
    }


def read_redis(client: RedisClient) -> RedisState:
    """Return the state of Redis (INFO)."""
    info = client.info()
    return RedisState(
        memory=info["used_memory"],
        memory_limit=info["maxmemory"],
        aof_ok=info["aof_last_write_status"] == info["aof_last_bgrewrite_status"] == "ok",
        evicted_keys=info["evicted_keys"],
        clients=info["connected_clients"],
        commands=info["total_commands_processed"],
    )


def read_store(engine: Engine) -> StoreState:
    """Return the state of the database; without tables it has no rows."""
    rows, size, connections = size_of(engine)
    return StoreState(rows=rows, size=size, connections=connections)


def _seconds_between(first: int | None, then: int | None) -> float:
    """Return the seconds between two moments in milliseconds, 0 where one is missing or they are the other way."""
    return 0.0 if first is None or then is None else max(then - first, 0) / 1000
