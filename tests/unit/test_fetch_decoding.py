"""An encoding is undone piece by piece."""

import gzip
import zlib

import brotli
import pytest
import zstandard

from tasks.errors import Reason, TryLater
from tasks.fetch.decoding import unpacked

PAGE = b"<html>" + bytes(range(256)) * 1000
RAW = zlib.compressobj(wbits=-15)
BARE = RAW.compress(PAGE) + RAW.flush()

#: A Zstandard stream whose reader needs 128 MB.
_WIDE = zstandard.ZstdCompressor(
    compression_params=zstandard.ZstdCompressionParameters(window_log=27)
).compressobj()
WIDE = _WIDE.compress(PAGE) + _WIDE.flush()
ZEROS = bytes(50_000_000)
BOMBS = {
    "gzip": gzip.compress(ZEROS),
    "deflate": zlib.compress(ZEROS),
    "br": brotli.compress(ZEROS, quality=5),
    "zstd": zstandard.compress(ZEROS),
}


def _split(data: bytes, size: int) -> list[bytes]:
    return [data[start : start + size] for start in range(0, len(data), size)]


@pytest.mark.parametrize("size", [1, 7, 100_000])
@pytest.mark.parametrize(
    ("encoding", "data"),
    [
        ("gzip", gzip.compress(PAGE)),
        ("gzip", gzip.compress(PAGE[:100]) + gzip.compress(PAGE[100:])),
        ("gzip", gzip.compress(PAGE) + b"\0\0padding"),
        ("deflate", zlib.compress(PAGE)),
        ("deflate", BARE),
        ("br", brotli.compress(PAGE)),
        ("zstd", zstandard.compress(PAGE)),
        ("zstd", zstandard.compress(PAGE[:100]) + zstandard.compress(PAGE[100:])),
        ("zstd", zstandard.compress(PAGE) + b"\0\0\0\0padding"),
    ],
)
def test_what_was_encoded_comes_back(encoding: str, data: bytes, size: int) -> None:
    assert b"".join(unpacked(_split(data, size), encoding)) == PAGE


@pytest.mark.parametrize(
    ("encoding", "data"),
    [
        ("gzip", gzip.compress(PAGE)[:-4]),
        ("gzip", gzip.compress(PAGE)[:200]),
        ("gzip", b"<html>"),
        ("gzip", gzip.compress(PAGE)[:-8] + bytes(8)),
        ("deflate", zlib.compress(PAGE)[:-1]),
        ("br", PAGE),
        ("br", brotli.compress(PAGE)[:-1]),
        ("br", brotli.compress(PAGE)[:10]),
        ("br", brotli.compress(PAGE, lgwin=24)),
        ("zstd", PAGE),
        ("zstd", zstandard.compress(PAGE)[:-1]),
        ("zstd", WIDE),
        ("compress", PAGE),
    ],
)
def test_what_is_broken_or_was_not_asked_for_is_a_bad_response(encoding: str, data: bytes) -> None:
    with pytest.raises(TryLater) as later:
        list(unpacked([data], encoding))
    assert later.value.reason is Reason.BAD_RESPONSE


@pytest.mark.parametrize("encoding", BOMBS)
def test_a_bomb_unpacks_no_faster_than_it_is_read(encoding: str) -> None:
    pieces = unpacked([BOMBS[encoding]], encoding)
    assert max(len(next(pieces)) for _ in range(10)) <= 131_072


@pytest.mark.parametrize("encoding", BOMBS)
def test_a_bomb_is_all_there_for_who_reads_on(encoding: str) -> None:
    assert sum(map(len, unpacked(_split(BOMBS[encoding], 1000), encoding))) == len(ZEROS)
