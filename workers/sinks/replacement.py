"""A file that is replaced only by a whole one: it is written under another name beside it, and renamed at the end.

Whatever ends the writing, the file that was there is as it was. What a kill -9 leaves is called .newsmill-*.part.
"""

import os
import secrets
import shutil
from collections.abc import Collection, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

from workers.errors import UserError
from workers.sinks.existing import check_replaceable


@contextmanager
def replacing(path: Path, keep: Collection[Path]) -> Iterator[IO[bytes]]:
    """Yield a new file, which gets the name `path` when all is written and on the disk.

    A file that is replaced hands down its permissions and, where that is allowed, its owner. Raises UserError where the
    file (existing.check_replaceable) or its folder may not be changed, and OSError.
    """
    check_replaceable(path, keep)
    before = path.stat() if path.exists() else None
    # A short name: that of `path` may be as long as names may be.
    unfinished = path.with_name(f".newsmill-{secrets.token_hex(8)}.part")
    try:
        with _create(unfinished, path, before) as file:
            yield file
        if before is not None:
            _hand_down(before, unfinished)
        _sync(unfinished)
        unfinished.replace(path)
        with suppress(OSError):  # some file systems have no such thing
            _sync(path.parent)
    finally:
        _remove(unfinished)


def _create(unfinished: Path, path: Path, before: os.stat_result | None) -> IO[bytes]:
    # Nobody may read it who may not read the file that it replaces; the permissions of a new one are the umask's.
    mode = 0o666 if before is None else 0o600
    try:
        return open(unfinished, "xb", opener=lambda name, flags: os.open(name, flags, mode))
    except PermissionError:
        raise UserError(
            f"{path.name} is written as a new file first, and you may make none in {path.parent}. "
            "Name a file in another folder, or redirect the output: newsmill export >FILE."
        ) from None


def _hand_down(before: os.stat_result, unfinished: Path) -> None:
    with suppress(PermissionError):
        os.chown(unfinished, before.st_uid, before.st_gid)
    unfinished.chmod(before.st_mode & 0o7777)  # after the owner, whose change takes bits away


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _remove(unfinished: Path) -> None:
    """Remove an unfinished file, and what a database has laid beside it."""
    for one in unfinished.parent.glob(f"{unfinished.name}*"):
        if one.is_dir():
            shutil.rmtree(one, ignore_errors=True)
        else:
            one.unlink(missing_ok=True)
