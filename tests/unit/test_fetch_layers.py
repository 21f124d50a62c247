"""The encodings of a body are those that its first bytes show."""

import gzip
import zlib
from collections.abc import Iterable, Iterator, Sequence

import brotli
import pytest
import zstandard

from tasks.errors import Reason, Rejected, TryLater
from tasks.fetch.layers import decoded, encoding_of

PAGE = b"<!doctype html><html lang=de><title>Regen in M&uuml;nchen</title>" + bytes(range(256)) * 1000
RAW = zlib.compressobj(wbits=-15)
BARE = RAW.compress(PAGE) + RAW.flush()
MOST = 300_000


def _split(data: bytes, size: int) -> list[bytes]:
    return [data[start : start + size] for start in range(0, len(data), size)]


def decode(chunks: Iterable[bytes], encodings: Sequence[str], *, most: int = MOST) -> Iterator[bytes]:
    return decoded(chunks, encodings, most=most, before_large=list)


@pytest.mark.parametrize("size", [1, 7, 100_000])
@pytest.mark.parametrize(
    ("encodings", "data"),
    [
        ([], PAGE),
        (["identity", "utf-8"], PAGE),
        ([], gzip.compress(PAGE)),
        ([], zstandard.compress(PAGE)),
        (["gzip"], PAGE),
        (["x-gzip"], gzip.compress(PAGE)),
        (["gzip"], zlib.compress(PAGE)),
        (["gzip"], zstandard.compress(PAGE)),
        (["gzip"], "\ufeffRegen".encode("utf-16-le")),
        (["gzip"], b"Kurz."),
        (["deflate"], PAGE),
        (["deflate"], gzip.compress(PAGE)),
        (["deflate"], zlib.compress(PAGE)),
        (["deflate"], BARE),
        (["br"], PAGE),
        (["br"], b"\xef\xbb\xbf" + PAGE),
        (["br"], gzip.compress(PAGE)),
        (["br"], brotli.compress(PAGE)),
        (["zstd"], PAGE),
        (["zstd"], gzip.compress(PAGE)),
        (["compress"], PAGE),
        (["compress"], gzip.compress(PAGE)),
        (["gzip", "gzip"], gzip.compress(gzip.compress(PAGE))),
        (["gzip", "gzip"], gzip.compress(PAGE)),
        (["gzip", "gzip"], PAGE),
        (["gzip"], gzip.compress(gzip.compress(PAGE))),
        (["gzip", "br"], brotli.compress(gzip.compress(PAGE))),
        (["br", "gzip"], gzip.compress(brotli.compress(PAGE))),
        (["deflate", "identity", "zstd"], zstandard.compress(BARE)),
        (["gzip"], gzip.compress(PAGE[:99]) + gzip.compress(PAGE[99:]) + b"\0\0"),
    ],
)
def test_what_was_sent_comes_back_whatever_was_said(encodings: list[str], data: bytes, size: int) -> None:
    content = b"".join(decode(_split(data, size), encodings))
    assert content in {PAGE, data, b"\xef\xbb\xbf" + PAGE}
    assert content == PAGE or encoding_of(data[:64], encodings[0]) == ""


@pytest.mark.parametrize(
    ("encodings", "data"),
    [
        (["gzip"], bytes(range(256))),
        (["br"], bytes(range(256))),
        (["zstd"], bytes(range(256))),
        (["deflate"], b"\xff" + PAGE),
        (["compress"], b"\x1f\x9d" + PAGE),
        (["gzip"], b"\x1f"),
        ([], gzip.compress(PAGE)[:-4]),
        (["gzip"], gzip.compress(PAGE)[:200]),
        (["gzip", "gzip"], gzip.compress(gzip.compress(PAGE)[:-4])),
        (["gzip", "gzip"], gzip.compress(gzip.compress(PAGE))[:-4]),
        (["gzip", "br"], brotli.compress(gzip.compress(PAGE))[:-1]),
        (["gzip", "gzip", "gzip"], gzip.compress(PAGE)),
    ],
)
def test_what_is_broken_or_cut_off_is_never_whole(encodings: list[str], data: bytes) -> None:
    with pytest.raises(TryLater) as later:
        list(decode([data], encodings))
    assert later.value.reason is Reason.BAD_RESPONSE


@pytest.mark.parametrize(
    "page", [PAGE, b"<p>", b"Es regnete.", b"{}", "\u0414\u043e\u0436\u0434\u044c".encode()]
)
@pytest.mark.parametrize("level", [0, 1, 9])
def test_no_compressed_data_is_taken_for_text(page: bytes, level: int) -> None:
    bare = zlib.compressobj(level, wbits=-15)
    packed = {
        "gzip": gzip.compress(page, level),
        "deflate": bare.compress(page) + bare.flush(),
        "br": brotli.compress(page, quality=level),
        "zstd": zstandard.compress(page, level),
    }
    for name, data in packed.items():
        assert encoding_of(data[:64], name) == name


def test_one_encoding_inside_of_another_is_bounded_before_it_is_read() -> None:
    idle = b"\x1f\x8b\x08\0\0\0\0\0\0\xff" + b"\0\0\0\xff\xff" * 10_000_000  # blocks of nothing
    nested = gzip.compress(idle)
    with pytest.raises(Rejected) as refused:
        list(decode(_split(nested, 1000), ["gzip", "gzip"]))
    assert refused.value.reason is Reason.TOO_LARGE


def test_who_needs_megabytes_asks_before() -> None:
    asked: list[int] = []
    for data, count in (
        (PAGE, 0),
        (gzip.compress(PAGE), 0),
        (brotli.compress(PAGE), 1),
        (zstandard.compress(PAGE), 2),
    ):
        list(decoded([data], ["br"], most=MOST, before_large=lambda: asked.append(1)))
        assert len(asked) == count


@pytest.mark.parametrize("encoding", ["", "gzip", "deflate", "br", "zstd", "compress"])
def test_an_encoded_body_of_nothing_is_empty(encoding: str) -> None:
    assert list(decode([], [encoding])) == []
