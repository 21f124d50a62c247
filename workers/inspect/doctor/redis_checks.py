"""Redis: that of the ledger, and those of the index of contents."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from typing import Any

from redis.exceptions import (
    AuthenticationError,
    BusyLoadingError,
    NoPermissionError,
    OutOfMemoryError,
    ReadOnlyError,
    RedisError,
)

from workers.inspect.doctor.finding import PATIENCE, Finding, ok, told, trouble, warning
from workers.inspect.tls_advice import redis_advice
from workers.ledger.invalid import InvalidMessages
from workers.ledger.redis_client import RedisClient, connect
from workers.masking import masked
from workers.output.words import counted
from workers.redis_address import RedisAddress
from workers.settings import Settings
from workers.times import iso_ms

#: The oldest and the newest version: the former has what newsmill's scripts call, the latter was tried.
_REDIS, _VALKEY = ((6, 2), (8,)), ((7, 2), (9,))
#: Share of maxmemory from which Redis is nearly full: that of the alert NewsmillRedisNearFull.
_NEARLY_FULL = 0.85

#: What Redis says of itself (INFO).
Info = Mapping[str, Any]


def redis(settings: Settings) -> Iterator[Finding]:
    """Find what is wrong with the ledger's Redis."""
    yield from _server("Redis", settings, settings.redis_url.get_secret_value(), "NEWSMILL_REDIS_URL")


def content_servers(settings: Settings) -> Iterator[Finding]:
    """Find what is wrong with the servers of the index of contents, and with their order."""
    urls = [one.get_secret_value() for one in settings.content_redis_urls]
    for number, url in enumerate(urls, 1):
        yield from _server(f"content Redis {number}", settings, url, "NEWSMILL_CONTENT_REDIS_URLS")


def messages(settings: Settings) -> Iterator[Finding]:
    """Find messages that nobody could read."""
    with suppress(RedisError, ValueError, OSError), connect(settings, timeout=PATIENCE) as client:
        kept = InvalidMessages(client, settings.key_prefix).kept()
        if not kept:
            yield ok("messages", "none was invalid")
            return
        where = ", ".join(sorted({one.queue for one in kept}))
        yield warning(
            "messages",
            f"{counted(len(kept), 'invalid message')} in {where}, the last at {iso_ms(kept[-1].at)}",
            "See `newsmill messages`; docs/runbook.md, NewsmillInvalidMessages.",
        )


def _server(name: str, settings: Settings, url: str, setting: str) -> Iterator[Finding]:
    try:
        with connect(settings, url=url, timeout=PATIENCE) as client:
            info = client.info()
            yield ok(name, f"answers at {masked(url)}")
            yield from proof(name, settings.redis_address(url), setting)
            for look in LOOKS:
                yield look(name, info)
            yield _writable(name, client, settings.key_prefix)
    except (RedisError, ValueError, OSError) as error:
        yield _unusable(name, url, error, setting)


def _unusable(name: str, url: str, error: Exception, setting: str) -> Finding:
    where = masked(url)
    match error:
        case AuthenticationError():
            return trouble(
                name, f"{where} asks for a password, or refuses the one in the URL", f"Correct {setting}."
            )
        case NoPermissionError():
            return trouble(
                name,
                f"{where}: {told(error)}",
                "Allow that user all commands on newsmill's keys, INFO and TIME.",
            )
        case BusyLoadingError():
            return trouble(name, f"{where} is loading its data", "Try again in a minute.")
    advice = redis_advice(error, setting) or f"Start it, or set {setting}."
    return trouble(name, f"no answer at {where}: {told(error)}", advice)


def proof(name: str, address: RedisAddress, setting: str) -> Iterator[Finding]:
    """Find a server that need not prove who it is although TLS is spoken with it."""
    if not address.is_verified:
        yield warning(
            f"{name} certificate",
            "not checked: whoever answers there is told the password",
            f"Name its authority in {setting}: ?ssl_ca_certs=FILE instead of ssl_cert_reqs and ssl_check_hostname.",
        )


def version(name: str, info: Info) -> Finding:
    """Find a version that newsmill cannot work with, or was never tried with."""
    # Valkey says for old programs that it is a Redis 7.2, too.
    server, known = ("Valkey", _VALKEY) if "valkey_version" in info else ("Redis", _REDIS)
    text = str(info[f"{server.lower()}_version"])
    number = tuple(int(part) for part in text.split(".")[:2] if part.isdigit())
    check, (oldest, newest) = f"{name} version", known
    if number < oldest:
        return trouble(check, f"{server} {text}", "newsmill needs Redis 6.2 or newer, or Valkey.")
    if number[:1] > newest:
        return warning(check, f"{server} {text}", f"newsmill was tested with {server} up to {newest[0]}.")
    return ok(check, text if server == "Redis" else f"{server} {text}")


def append_only(name: str, info: Info) -> Finding:
    """Find a Redis that would forget what waits when it is restarted, or cannot save."""
    check = f"{name} persistence"
    if not info.get("aof_enabled"):
        return trouble(
            check, "no append-only file: a restart loses the URLs that wait", "Set `appendonly yes` in Redis."
        )
    if not info.get("aof_last_write_status") == info.get("aof_last_bgrewrite_status") == "ok":
        return trouble(
            check,
            "the append-only file cannot be written",
            "Make room on Redis's disk; docs/runbook.md, NewsmillRedisAofFailing.",
        )
    return ok(check, "append-only file")


def eviction(name: str, info: Info) -> Finding:
    """Find a Redis that deletes keys of its own accord, or has done so."""
    check, policy = f"{name} eviction", info.get("maxmemory_policy", "noeviction")
    if policy != "noeviction":
        return trouble(
            check, f"{policy}: Redis may delete URLs that wait", "Set `maxmemory-policy noeviction` in Redis."
        )
    if info.get("evicted_keys"):
        return warning(
            check,
            f"noeviction now, but {info['evicted_keys']:,} keys were deleted since Redis was started",
            "If they were newsmill's, submit your lists again: docs/runbook.md, NewsmillRedisEvicting.",
        )
    return ok(check, "noeviction")


def memory(name: str, info: Info) -> Finding:
    """Find a Redis that is nearly full."""
    used, limit = info["used_memory"], info.get("maxmemory", 0)
    if not limit:
        return ok(f"{name} memory", f"{used / 1e6:,.1f} MB, no limit")
    found = f"{used / 1e6:,.1f} of {limit / 1e6:,.1f} MB"
    if used < _NEARLY_FULL * limit:
        return ok(f"{name} memory", found)
    return trouble(
        f"{name} memory", found, "Raise its maxmemory, or let the workers catch up before you submit more."
    )


def role(name: str, info: Info) -> Finding:
    """Find a replica, and a cluster, for which kombu has no transport."""
    if info.get("cluster_enabled"):
        return trouble(
            f"{name} role",
            "Redis Cluster, which is not supported",
            "Use a single Redis, with or without replicas.",
        )
    if info.get("role") == "slave":
        return trouble(f"{name} role", "a replica", "Name the primary instead.")
    return ok(f"{name} role", "primary")


#: What is looked at in INFO.
LOOKS: tuple[Callable[[str, Info], Finding], ...] = (version, append_only, eviction, memory, role)


def _writable(name: str, client: RedisClient, prefix: str) -> Finding:
    """Find a Redis that refuses writes, by one that changes nothing: an empty text into a key that is not there."""
    check = f"{name} writing"
    try:
        client.setrange(f"{prefix}nothing", 0, "")
    except ReadOnlyError as error:
        if "read only" in str(error):
            return trouble(check, "read-only", "Name the primary instead.")
        return trouble(check, f"refused: {told(error)}", "See Redis's log.")
    except OutOfMemoryError:
        return trouble(check, "Redis is full", "Raise its maxmemory.")
    except RedisError as error:
        return trouble(check, f"refused: {told(error)}", "See Redis's log.")
    return ok(check, "allowed")
