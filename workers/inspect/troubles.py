"""What keeps newsmill from working although its processes run: a database that takes no rows, a Redis that cannot save.

And a file of hosts that nobody can read.
"""

from contextlib import suppress

from redis.exceptions import RedisError

from workers.ledger.frontier import Frontier

#: What is said of both.
_NOTHING_LOST = "Nothing is lost: articles wait until then."


def troubles(frontier: Frontier) -> tuple[str, ...]:
    """Return a sentence for each trouble, with what to do. Raises redis.RedisError."""
    found = (
        _of_store(frontier.store_trouble()),
        _of_redis(frontier),
        _of_hosts(frontier.host_rules.trouble()),
    )
    return tuple(filter(None, found))


def _of_hosts(why: str | None) -> str:
    return f"The file of hosts cannot be used: {why} The rules of before go on." if why else ""


def _of_store(why: str | None) -> str:
    if why is None:
        return ""
    reason = " ".join(why.split()).rstrip(".")
    return f"The database takes no rows: {reason}. Make room there, or mend it. {_NOTHING_LOST}"


def _of_redis(frontier: Frontier) -> str:
    with suppress(RedisError):  # a user of Redis that may not ask for INFO
        info = frontier.persistence()
        if info.get("aof_last_write_status", "ok") != "ok":
            return f"Redis cannot write its file, and takes no URLs. Make room on its disk. {_NOTHING_LOST}"
        if info.get("aof_last_bgrewrite_status", "ok") != "ok":
            return "Redis could not write its file anew, which grows meanwhile. Make room on its disk, and do not restart it."
    return ""
