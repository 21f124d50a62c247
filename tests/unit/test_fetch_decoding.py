"""Content-Encoding is undone piece by piece."""

import gzip
import zlib

import pytest

from tasks.errors import Reason, TryLater
from tasks.fetch.decoding import decoded

PAGE = b"<html>" + bytes(range(256)) * 1000
RAW = zlib.compressobj(wbits=-15)
BARE = RAW.compress(PAGE) + RAW.flush()


def _split(data: bytes, size: int) -> list[bytes]:
    return [data[start : start + size] for start in range(0, len(data), size)]


@pytest.mark.parametrize("size", [1, 7, 100_000])
@pytest.mark.parametrize(
    ("encoding", "data"),
    [
        ("", PAGE),
        ("identity", PAGE),
        ("utf-8", PAGE),
        ("gzip", gzip.compress(PAGE)),
        ("GZIP", gzip.compress(PAGE)),
        ("x-gzip", gzip.compress(PAGE)),
        ("identity, gzip", gzip.compress(PAGE)),
        ("gzip", gzip.compress(PAGE[:100]) + gzip.compress(PAGE[100:])),
        ("gzip", gzip.compress(PAGE) + b"\0\0padding"),
        ("deflate", zlib.compress(PAGE)),
        ("deflate", BARE),
    ],
)
def test_what_was_encoded_comes_back(encoding: str, data: bytes, size: int) -> None:
    assert b"".join(decoded(_split(data, size), encoding)) == PAGE


@pytest.mark.parametrize(
    ("encoding", "data"),
    [
        ("gzip", gzip.compress(PAGE)[:-4]),
        ("gzip", gzip.compress(PAGE)[:200]),
        ("gzip", b"<html>"),
        ("gzip", gzip.compress(PAGE)[:-8] + bytes(8)),
        ("deflate", zlib.compress(PAGE)[:-1]),
        ("br", PAGE),
        ("zstd", PAGE),
        ("gzip, gzip", gzip.compress(gzip.compress(PAGE))),
        ("br, gzip", gzip.compress(PAGE)),
    ],
)
def test_what_is_broken_or_was_not_asked_for_is_a_bad_response(encoding: str, data: bytes) -> None:
    with pytest.raises(TryLater) as later:
        list(decoded([data], encoding))
    assert later.value.reason is Reason.BAD_RESPONSE


def test_an_encoded_body_of_nothing_is_empty() -> None:
    assert list(decoded([], "gzip")) == []


def test_a_bomb_unpacks_no_faster_than_it_is_read() -> None:
    pieces = decoded([gzip.compress(bytes(50_000_000))], "gzip")
    assert max(len(next(pieces)) for _ in range(10)) == 65_536
