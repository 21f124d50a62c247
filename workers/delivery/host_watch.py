"""What an operator says of hosts, brought to Redis by schedulers: the file, when it changes, and what the store has kept."""

import time
from collections.abc import Callable
from pathlib import Path

import msgspec
import structlog

from tasks.hosts import HostRule
from workers.hosts_file import HostsFileError, read_hosts_file
from workers.ledger.host_rules import HostRules
from workers.store.host_rules import StoredHostRules

log = structlog.get_logger(__name__)

#: Seconds between two looks at the file, and at whether Redis still has the rules.
LOOK_EVERY = 2.0
#: The mark of a Redis that has what the store has kept.
_FROM_STORE = "store"
#: The mark of a Redis without a file of hosts.
_NO_FILE = "none"


class HostWatch:
    """What one scheduler knows of the file and of Redis.

    A file that cannot be read, or is none, changes nothing: the rules that were read last go on, and `status` says so.
    """

    def __init__(
        self,
        rules: HostRules,
        stored: StoredHostRules,
        file: Path | None,
        concurrency: int,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._rules = rules
        self._stored = stored
        self._file = file
        self._concurrency = concurrency
        self._clock = clock
        self._look_at = float("-inf")
        #: The file as it was when it was read last, and what stood in it; the first reading must succeed.
        self._seen: tuple[int, int, int] | None = None
        self._read: tuple[dict[str, HostRule], str] = ({}, _NO_FILE)
        #: What Redis was told of the file; at first whatever another process has told it.
        self._told: str | None = ""

    def begin(self) -> None:
        """Read the file. Raises HostsFileError: a process does not start to fetch by rules that it cannot read."""
        if self._file:
            self._seen = _state_of(self._file)
            self._read = read_hosts_file(self._file)

    def look(self) -> None:
        """Bring to Redis what it lacks, every LOOK_EVERY seconds. Raises redis.RedisError, sqlalchemy.exc.DBAPIError."""
        now = self._clock()
        if now < self._look_at:
            return
        self._tell(self._read_again(self._file) if self._file else None)
        from_store, from_file = self._rules.marks()
        if from_store != _FROM_STORE:
            self._copy_stored()
        rules, digest = self._read
        if from_file != digest and not (from_file is None and digest == _NO_FILE):
            self._rules.copy("file", rules, digest, self._concurrency)
            log.info("Read the file of hosts", file=str(self._file), rules=len(rules))
        self._look_at = now + LOOK_EVERY

    def _read_again(self, file: Path) -> str | None:
        """Read the file if it has changed; return why that is not possible."""
        try:
            seen = _state_of(file)
            if seen != self._seen:
                self._read = read_hosts_file(file)
                self._seen = seen
        except HostsFileError as error:
            return str(error)
        return None

    def _tell(self, trouble: str | None) -> None:
        if trouble == self._told:
            return
        if trouble:
            log.error("Cannot read the file of hosts; the rules of before go on", error=trouble)
        self._rules.note_trouble(trouble)
        self._told = trouble

    def _copy_stored(self) -> None:
        stored = {name: msgspec.json.decode(text, type=HostRule) for name, text in self._stored.all().items()}
        self._rules.copy("set", stored, _FROM_STORE, self._concurrency)


def _state_of(file: Path) -> tuple[int, int, int]:
    """Return what changes when somebody writes to a file, or puts another one in its place."""
    try:
        found = file.stat()
    except OSError as error:
        raise HostsFileError(f"{file}: {error.strerror}.") from error
    return found.st_mtime_ns, found.st_size, found.st_ino
