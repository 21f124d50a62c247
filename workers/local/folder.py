"""The data folder of newsmill on one machine: what lies in it, who uses it, and the demo that may lie there."""

import fcntl
import os
import shlex
import shutil
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from workers.errors import UserError
from workers.settings import DATABASE_FILE, Settings

#: Seconds to wait for a command that uses the folder for a moment: its Redis may have a large file to load.
PATIENCE = 60.0
#: Mode of a new data folder: pages and lists are their owner's. A folder that exists keeps its mode.
PRIVATE = 0o700
#: Folder of the demo below the data folder, once there is a list of the user's own.
DEMO = "demo"
#: Where the demo's files are while they are moved.
_MOVING = ".demo.moving"
_MARK = "this-is-the-demo.txt"
#: What a run writes into the lock, so that nobody waits for it.
_RUN = "run"
_MARK_TEXT = (
    "The demo of newsmill lies in this folder. The first list of your own moves it to the folder demo.\n"
)


class InUseError(UserError):
    """A run uses the data folder."""


@dataclass(frozen=True, slots=True)
class DataFolder:
    """A folder with a Redis, a database and logs; `path` is absolute. Nothing is created before `use`."""

    path: Path

    @classmethod
    def of(cls, settings: Settings) -> "DataFolder":
        """Return the folder of the settings."""
        return cls(settings.data_dir.absolute())

    @property
    def database(self) -> Path:
        """The SQLite database."""
        return self.path / DATABASE_FILE

    @property
    def redis(self) -> Path:
        """The folder of Redis's append-only file."""
        return self.path / "redis"

    @property
    def logs(self) -> Path:
        """The folder of the processes' logs."""
        return self.path / "logs"

    @property
    def pids(self) -> Path:
        """The file with the process ids of a run."""
        return self.path / "run.pids"

    @property
    def redis_url(self) -> Path:
        """The file with the URL of the Redis of a run; it is there while the run lasts, or after it was killed."""
        return self.path / "run.redis"

    @property
    def shown(self) -> str:
        """The folder as it is printed."""
        return quoted(self.path)

    @property
    def has_redis(self) -> bool:
        """Whether a run has left its Redis's data here."""
        return any((self.redis / name).exists() for name in ("appendonly.aof", "appendonlydir"))

    @property
    def is_used(self) -> bool:
        """Whether a run has left anything here."""
        return self.has_redis or self.database.exists()

    @property
    def is_demo(self) -> bool:
        """Whether what lies here is the demo."""
        return self._mark.exists()

    def for_demo(self) -> "DataFolder":
        """Return the folder for the demo: this one, or one below it if this one has articles of the user's own."""
        return DataFolder(self.path / DEMO) if self.is_used and not self.is_demo else self

    def mark_as_demo(self) -> None:
        """Note that what lies here is the demo. A move of an earlier one that was killed is finished first."""
        if (self.path / _MOVING).exists():
            self.move_demo()
        self._mark.write_text(_MARK_TEXT, "utf-8")

    def move_demo(self) -> Path | None:
        """Move the demo, if it lies here, to a folder of its own below; return that. Goes on where it was killed."""
        moving = self.path / _MOVING
        if not (self.is_demo or moving.exists()):
            return None
        moving.mkdir(exist_ok=True)
        # The mark is last, so that a move that was killed is known as one.
        database = sorted(self.path.glob(f"{DATABASE_FILE}*"))
        for path in (*database, self.redis, self.logs, self.pids, self.redis_url, self._mark):
            if path.exists():
                path.rename(moving / path.name)
        names = (DEMO, *(f"{DEMO}-{number}" for number in range(2, 1000)))
        target = next(place for name in names if not (place := self.path / name).exists())
        return moving.rename(target)

    @contextmanager
    def use(self, *, as_run: bool, patience: float = PATIENCE) -> Iterator[None]:
        """Hold the folder's lock, and create the folder if need be, for its owner alone.

        Waits for a command that holds it for a moment. Raises InUseError if a run holds it, UserError if a command does
        for longer than `patience` seconds; OSError.
        """
        self.path.mkdir(mode=PRIVATE, parents=True, exist_ok=True)
        deadline = time.monotonic() + patience
        with (self.path / "run.lock").open("a+") as file:
            while not _lock(file):
                if _holder(file) == _RUN:
                    raise InUseError(
                        f"Another run uses {self.shown}. Wait for it, or name another folder with --data."
                    )
                if time.monotonic() > deadline:
                    raise UserError(f"Another command uses {self.shown}. Try again when it has ended.")
                time.sleep(0.05)
            file.truncate(0)
            file.write(_RUN if as_run else "")
            file.flush()
            yield

    @property
    def _mark(self) -> Path:
        return self.path / _MARK


def _lock(file: IO[str]) -> bool:
    """Take the lock of an open file; tell whether that was possible. Closing the file gives it back."""
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _holder(file: IO[str]) -> str:
    file.seek(0)
    return file.read()


def write_private(path: Path, text: str) -> None:
    """Write a new file that only its owner can read, in place of what was there. Raises OSError."""
    path.unlink(missing_ok=True)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
        file.write(text)


def quoted(path: Path) -> str:
    """Return a path as it is printed: relative to the working folder if it is below that, quoted for a shell."""
    return shlex.quote(str(path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path))


def command_line(folder: DataFolder, *words: str) -> str:
    """Return a command of newsmill in this folder, to copy.

    The program is named as it was started if it is not on PATH; --data is left out for the default folder.
    """
    started = Path(sys.argv[0])
    is_known = started.name != "newsmill" or shutil.which("newsmill") == str(started)
    data = [] if folder.path == Path("data").absolute() else ["--data", folder.shown]
    return " ".join(["newsmill" if is_known else quoted(started), *map(shlex.quote, words), *data])
