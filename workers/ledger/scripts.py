"""The Lua scripts of the ledger, each an atomic step in Redis (lua/)."""

from functools import cache
from pathlib import Path
from typing import Any

from workers.ledger.redis_client import RedisClient

_LUA = Path(__file__).parent / "lua"
#: In front of each script; the contents' scripts, in a folder of their own, do without it.
_PRELUDE = "prelude"


class Scripts:
    """The scripts on one Redis, by the names of their files."""

    def __init__(self, redis: RedisClient, prefix: str) -> None:
        self._prefix = prefix
        self._scripts = {name: redis.register_script(source) for name, source in _sources().items()}

    def run(self, name: str, *args: Any) -> Any:
        """Run a script; its reply as Redis gives it, bytes and integers. Raises redis.RedisError."""
        return self._scripts[name](keys=[self._prefix], args=args)


@cache
def _sources() -> dict[str, str]:
    """Return the scripts, the prelude in front of each; read once, for a process has several of `Scripts`."""
    prelude = (_LUA / f"{_PRELUDE}.lua").read_text("utf-8")
    return {
        file.stem: prelude + file.read_text("utf-8")
        for file in sorted(_LUA.glob("*.lua"))
        if file.stem != _PRELUDE
    }
