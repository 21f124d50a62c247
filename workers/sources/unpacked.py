"""Files as they lie on a disk, plain or packed, block by block: a packed file of any size takes the memory of one block."""

import sys
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO, Protocol

from workers.sources.bounds import BLOCK
from workers.sources.regular_files import Open

#: Suffixes of packed files, in lower case, and the bytes that begin each member (RFC 1952, 2.3.1; bzip2; the .xz
#: format, 2.1.1.1; RFC 8878, 3.1.1, and the frames between which pzstd puts its members).
PACKED = {
    ".gz": (b"\x1f\x8b",),
    ".bz2": (b"BZh",),
    ".xz": (b"\xfd7zXZ\0",),
    ".zst": (b"\x28\xb5\x2f\xfd", b"\x50\x2a\x4d\x18"),
}
_LONGEST_MAGIC = 6

#: Packed bytes read in one step. What follows the end of a member is copied once for each member, so that a step is
#: small: 150,000 empty members, 3 MB, take a second.
_STEP = 16 * 1024
_GZIP = 16 + zlib.MAX_WBITS
#: Most memory that an .xz may ask for, in bytes: `xz -9` asks for 65 MB.
_XZ_MEMORY = 128 * 1024 * 1024


class PackedError(OSError):
    """A packed file is damaged or ends too early; the message says which."""


class _Unpacker(Protocol):
    """One member of a packed file, as bz2, lzma and zstd have it."""

    def decompress(self, data: bytes, max_length: int) -> bytes: ...
    @property
    def eof(self) -> bool: ...
    @property
    def needs_input(self) -> bool: ...
    @property
    def unused_data(self) -> bytes: ...


def without_packing(path: Path) -> Path:
    """Return the path without the suffix of a packed file, such as .gz; the same path if it has none."""
    return path.with_suffix("") if path.suffix.lower() in PACKED else path


def open_any(path: Path) -> IO[bytes]:
    """Open whatever the user has named, pipes and devices, too. Raises OSError."""
    return path.open("rb")


def blocks_of(
    path: Path, *, opened: Open = open_any, warn: Callable[[str], object] | None = None
) -> Iterator[bytes]:
    """Yield the content of the file, unpacked as its suffix says. Raises OSError, of which PackedError is one.

    `opened` opens the file. `warn` is called with a sentence about a packed file after whose end there is other data.
    """
    suffix = path.suffix.lower()
    with opened(path) as file:
        if suffix in PACKED:
            yield from _unpacked(file, suffix, warn)
        else:
            yield from iter(lambda: file.read(BLOCK), b"")


def _unpacked(file: IO[bytes], suffix: str, warn: Callable[[str], object] | None) -> Iterator[bytes]:
    """Yield the content of one member after the other: `cat a.gz b.gz` is a valid file."""
    make, error = _unpacker_of(suffix)
    try:
        data = file.read(_STEP)
        while data:
            unpacker = make()
            yield from _member(file, unpacker, data)
            data = unpacker.unused_data
            if len(data) < _LONGEST_MAGIC:
                data += file.read(_STEP)
            if not data.startswith(PACKED[suffix]):
                break
    except PackedError:
        raise
    except error as problem:
        raise PackedError(f"it is not a {suffix} file, or damaged ({problem})") from problem
    if warn and data.strip(b"\0"):  # NUL is padding
        warn("has other data after its end, which was not read")


def _member(file: IO[bytes], unpacker: _Unpacker, data: bytes) -> Iterator[bytes]:
    """Yield the content of a member that begins with `data`, and goes on in the file."""
    while True:
        yield unpacker.decompress(data, BLOCK)
        while not unpacker.eof and not unpacker.needs_input:
            yield unpacker.decompress(b"", BLOCK)
        if unpacker.eof:
            return
        data = file.read(_STEP)
        if not data:
            raise PackedError("it ends too early")


class _Gzip:
    """zlib's decompressor with the interface of the others."""

    def __init__(self) -> None:
        self._inflater = zlib.decompressobj(_GZIP)
        self._is_full = False

    def decompress(self, data: bytes, max_length: int) -> bytes:
        piece = self._inflater.decompress(self._inflater.unconsumed_tail + data, max_length)
        self._is_full = len(piece) == max_length
        return piece

    @property
    def eof(self) -> bool:
        return self._inflater.eof

    @property
    def needs_input(self) -> bool:
        return not self._is_full and not self._inflater.unconsumed_tail

    @property
    def unused_data(self) -> bytes:
        return self._inflater.unused_data


# The modules are imported here: most lists are not packed, and some builds of Python lack one of them.
# ruff: noqa: PLC0415
def _unpacker_of(suffix: str) -> tuple[Callable[[], _Unpacker], type[Exception]]:
    """Return what makes an unpacker for a member, and the exception that it raises for damaged data."""
    if suffix == ".gz":
        return _Gzip, zlib.error
    if suffix == ".bz2":
        import bz2

        return bz2.BZ2Decompressor, OSError
    if suffix == ".xz":
        import lzma

        return lambda: lzma.LZMADecompressor(lzma.FORMAT_XZ, memlimit=_XZ_MEMORY), lzma.LZMAError
    if sys.version_info >= (3, 14):
        from compression import zstd
    else:
        from backports import zstd
    # Its own bound on the window of a file is 128 MB.
    return zstd.ZstdDecompressor, zstd.ZstdError
