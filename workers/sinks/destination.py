"""Where an export goes: into a stream as it is written, or into a file that gets its name when it is whole.

Standard output, devices and named pipes are streams, also where a symbolic link leads to one. Anything else is a file,
which replaces an older one (replacement.py).
"""

import errno
import os
import sys
from codecs import getincrementaldecoder
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from workers.errors import UserError
from workers.sinks.replacement import replacing

#: The name of standard output on command lines.
STDOUT = Path("-")
#: Symbolic links that Linux follows in one path (path_resolution(7)).
_MOST_LINKS = 40
#: Folders in which the open files of this process have their numbers as names.
_OPEN_FILES = ("/proc/self/fd", "/proc/thread-self/fd", "/dev/fd")


@dataclass(frozen=True, slots=True)
class Destination:
    """A file or a stream by its path, or an open file by its number; without both, standard output."""

    path: Path | None = None
    descriptor: int | None = None
    is_stream: bool = True


def find_destination(output: Path | None) -> Destination:
    """Return what `output` leads to; None and `-` are standard output.

    Raises UserError for a folder, and where the folder of the file does not exist.
    """
    if output is None or output == STDOUT:
        return Destination()
    try:
        return _followed(output)
    except (FileNotFoundError, NotADirectoryError):
        raise UserError(f"The folder of {output} does not exist. Create it, or name another file.") from None
    except RuntimeError:  # links in a circle, before Python 3.13
        reason = os.strerror(errno.ELOOP)
    except OSError as error:
        reason = error.strerror or str(error)
    raise UserError(f"{output}: {reason}. Check the path and its permissions.")


@contextmanager
def opened(destination: Destination, keep: Collection[Path]) -> Iterator["Output"]:
    """Yield the destination to write to. A file is replaced at the end, unless an error has ended the writing.

    Raises UserError for a file that may not be replaced (existing.py; those of `keep` are never), OSError.
    """
    if destination.path is not None and not destination.is_stream:
        with replacing(destination.path, keep) as file:
            yield Output(file)
        return
    with _stream(destination) as file:
        yield Output(file)
        file.flush()


class Output:
    """A file that one writes to from its beginning to its end. Once it is `cut`, it takes no more and says nothing.

    A sink that is closed after an error writes the end of its format. Without the cut, who reads a pipe would take what
    was broken off for the whole.
    """

    mode = "wb"

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self._is_cut = False

    @property
    def name(self) -> str:
        """Return the path of the file."""
        return self._file.name

    @property
    def closed(self) -> bool:
        """Tell whether nothing can be written."""
        return self._file.closed

    def cut(self) -> None:
        """Let nothing that is written from now on arrive."""
        self._is_cut = True

    def write(self, data: bytes) -> int:
        """Write all of `data`; return its size. Raises OSError."""
        return len(data) if self._is_cut else self._file.write(data)

    def isatty(self) -> bool:
        """Tell whether somebody sees what is written."""
        return self._file.isatty()

    def flush(self) -> None:
        """Write what is buffered. Raises OSError."""
        if not self._is_cut:
            self._file.flush()


class Shown(Output):
    """A terminal: text is written to it as `escape` returns it."""

    def __init__(self, file: IO[bytes], escape: Callable[[str], str]) -> None:
        super().__init__(file)
        self._escape = escape
        self._decode = getincrementaldecoder("utf-8")("backslashreplace").decode

    def write(self, data: bytes) -> int:
        """Write `data` so that nothing in it is obeyed; return its size. Raises OSError."""
        super().write(self._escape(self._decode(data)).encode("utf-8", "backslashreplace"))
        return len(data)


def _followed(output: Path) -> Destination:
    path = output.absolute()
    for _ in range(_MOST_LINKS):
        folder = path.parent.resolve(strict=True)
        if not folder.is_dir():
            raise NotADirectoryError
        path = folder / path.name
        if path.name.isdigit() and any(folder == Path(one).resolve() for one in _OPEN_FILES):
            # Opened by its path, a regular file would be written from its beginning, over what is there (`>>all.jsonl`).
            return Destination(descriptor=int(path.name))
        if not path.exists() or path.is_file():
            if not path.is_symlink():
                return Destination(path, is_stream=False)
            path = folder / path.readlink()
        elif path.is_dir():
            raise UserError(f"{output} is a folder. Name a file in it.")
        else:
            return Destination(path)
    raise OSError(errno.ELOOP, os.strerror(errno.ELOOP))


@contextmanager
def _stream(destination: Destination) -> Iterator[IO[bytes]]:
    if destination.path is not None:
        # Not open(): O_CREAT on another's pipe is refused in a folder such as /tmp (fs.protected_fifos).
        descriptor = os.open(destination.path, os.O_WRONLY)
    elif destination.descriptor is not None:
        sys.stdout.flush()
        descriptor = os.dup(destination.descriptor)
    else:
        yield sys.stdout.buffer
        return
    with os.fdopen(descriptor, "wb") as file:
        yield file
