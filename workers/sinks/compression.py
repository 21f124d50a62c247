"""Compressed output: gzip and Zstandard, while it is written."""

import gzip
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO, cast

#: The suffixes that compress a file.
COMPRESSIONS = ("gz", "zst")
#: gzip's own default; Python's is the highest, 9.
_GZIP_LEVEL = 6


@contextmanager
def compressing(file: IO[bytes], compression: str | None) -> Iterator[IO[bytes]]:
    """Yield a file whose content goes to `file`, compressed if so wanted. `file` stays open."""
    if compression == "gz":
        # Without name and time, so that the same rows are the same bytes.
        with gzip.GzipFile("", "wb", _GZIP_LEVEL, file, mtime=0) as packed:
            yield cast("IO[bytes]", packed)
    elif compression == "zst":
        import zstandard  # noqa: PLC0415 - `--help` knows the formats, too, and must be fast

        compressor = zstandard.ZstdCompressor(write_checksum=True)
        with compressor.stream_writer(file, closefd=False) as stream:
            yield cast("IO[bytes]", stream)
    else:
        yield file
