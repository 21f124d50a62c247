"""The Lua scripts of the ledger, each an atomic step in Redis (lua/)."""

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
        prelude = (_LUA / f"{_PRELUDE}.lua").read_text()
        self._scripts = {
            file.stem: redis.register_script(prelude + file.read_text())
            for file in _LUA.glob("*.lua")
            if file.stem != _PRELUDE
        }

    def run(self, name: str, *args: Any) -> Any:
        """Run a script; its reply as Redis gives it, bytes and integers. Raises redis.RedisError."""
        return self._scripts[name](keys=[self._prefix], args=args)
