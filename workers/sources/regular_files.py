"""Files to read as documents: regular ones only, and for those of a folder only what lies inside of it.

A folder may be one that others can write to. A link in it could lead to any file that this user may read, a pipe would be
waited for, a device may never end. What is put there between a look and the reading is refused as well: what is checked is the
file that was opened, and no link is followed on the way to it.
"""

import os
import stat
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import IO

#: Opens a file to read bytes. Raises OSError.
Open = Callable[[Path], IO[bytes]]

#: Neither waits for the other end of a pipe nor becomes a terminal's process.
_READ = os.O_RDONLY | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC
#: A folder to look things up in, for which the right to search is enough. Linux has that as O_PATH.
_SEARCH = getattr(os, "O_PATH", os.O_RDONLY) | os.O_DIRECTORY | os.O_CLOEXEC

_KINDS = {
    stat.S_IFIFO: "a pipe",
    stat.S_IFSOCK: "a socket",
    stat.S_IFCHR: "a device",
    stat.S_IFBLK: "a device",
    stat.S_IFDIR: "a folder",
    stat.S_IFLNK: "a link",
}


class NotRegularError(OSError):
    """There is something else than a regular file, or a link that leads out of the folder; the message says which."""


def open_regular(path: Path) -> IO[bytes]:
    """Open a file that the user has named; links are followed. Raises OSError, of which NotRegularError is one."""
    _check(path.stat())
    return _checked(os.open(path, _READ))


def opener_in(folder: Path | None) -> Open:
    """Return what opens documents of `folder`: links to what is inside of it are followed. None: `open_regular`."""
    return partial(_open_inside, folder) if folder else open_regular


def open_unlinked(path: Path) -> IO[bytes]:
    """Open a file by an absolute path in which there is no link. Raises OSError, of which NotRegularError is one."""
    return _open_below(Path(path.anchor), path.parts[1:])


def real(path: Path) -> Path:
    """Return the absolute path without links; a link that leads to itself stays, where Path.resolve would raise."""
    return Path(os.path.realpath(path))


def _open_inside(folder: Path, path: Path) -> IO[bytes]:
    place, root = real(path), real(folder)
    if not place.is_relative_to(root):
        raise NotRegularError("is a link that leads out of the folder")
    return _open_below(root, place.relative_to(root).parts)


def _open_below(root: Path, parts: Sequence[str]) -> IO[bytes]:
    """Open the file at `parts` below `root` one step after the other, following no link."""
    *folders, name = parts
    at = os.open(root, _SEARCH)
    try:
        for one in folders:
            below = _at(one, at, _SEARCH)
            os.close(at)
            at = below
        _check(os.stat(name, dir_fd=at, follow_symlinks=False))
        return _checked(_at(name, at, _READ))
    finally:
        os.close(at)


def _at(name: str, folder: int, flags: int) -> int:
    """Open `name` in an open folder. Raises NotRegularError for a link."""
    try:
        return os.open(name, flags | os.O_NOFOLLOW, dir_fd=folder)
    except OSError as error:
        with suppress(FileNotFoundError):
            _check_is_no_link(os.stat(name, dir_fd=folder, follow_symlinks=False), error)
        raise


def _check_is_no_link(found: os.stat_result, error: OSError) -> None:
    if stat.S_ISLNK(found.st_mode):
        raise NotRegularError("is behind a link that was put there") from error


def _checked(file: int) -> IO[bytes]:
    try:
        _check(os.fstat(file))
    except OSError:
        os.close(file)
        raise
    return os.fdopen(file, "rb")


def _check(found: os.stat_result) -> None:
    if not stat.S_ISREG(found.st_mode):
        raise NotRegularError(
            f"is {_KINDS.get(stat.S_IFMT(found.st_mode), 'something else')} and no regular file"
        )
