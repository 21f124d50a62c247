"""The Lua scripts of the ledger, each an atomic step in Redis (lua/)."""

from functools import cache
from pathlib import Path
from typing import Any

from workers.ledger.redis_client import RedisClient
from workers.ledger.redis_connections import FollowingPool

_LUA = Path(__file__).parent / "lua"
#: In front of each script; the contents' scripts, in a folder of their own, do without it.
_PRELUDE = "prelude"
#: Milliseconds that a replica may take to say that it has something. One that keeps up needs a round trip.
_WAIT = 1000


class Scripts:
    """The scripts on one Redis, by the names of their files."""

    def __init__(self, redis: RedisClient, prefix: str) -> None:
        self._redis = redis
        self._prefix = prefix
        self._scripts = {name: redis.register_script(source) for name, source in _sources().items()}

    def run(self, name: str, *args: Any) -> Any:
        """Run a script; its reply as Redis gives it, bytes and integers. Raises redis.RedisError."""
        return self._scripts[name](keys=[self._prefix], args=args)

    def run_replicated(self, name: str, *args: Any) -> tuple[Any, bool]:
        """Run a script, and wait until a replica has what it wrote; its reply, and whether one has it.

        True without waiting where there are no replicas, unless the address is that of sentinels: then the master is without
        its replica. Raises redis.RedisError.
        """
        if not self._redis.info("replication")["connected_slaves"]:
            return self.run(name, *args), not isinstance(self._redis.connection_pool, FollowingPool)
        # In a pipeline, since WAIT is about what its own connection has written.
        pipe = self._redis.pipeline(transaction=False)
        self._scripts[name](keys=[self._prefix], args=args, client=pipe)
        pipe.wait(1, _WAIT)
        reply, replicas = pipe.execute()
        return reply, replicas > 0


@cache
def _sources() -> dict[str, str]:
    """Return the scripts, the prelude in front of each; read once, for a process has several of `Scripts`."""
    prelude = (_LUA / f"{_PRELUDE}.lua").read_text("utf-8")
    return {
        file.stem: prelude + file.read_text("utf-8")
        for file in sorted(_LUA.glob("*.lua"))
        if file.stem != _PRELUDE
    }
