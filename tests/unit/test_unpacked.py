"""Packed files: every format, in several members, damaged, broken off, or with something behind their end."""

import bz2
import gzip
import lzma
from collections.abc import Callable
from pathlib import Path

import pytest
import zstandard

from workers.sources.bounds import BLOCK
from workers.sources.unpacked import PACKED, PackedError, blocks_of, without_packing

PACKERS: dict[str, Callable[[bytes], bytes]] = {
    ".gz": gzip.compress,
    ".bz2": bz2.compress,
    ".xz": lambda data: lzma.compress(data, preset=0),
    ".zst": zstandard.compress,
}
CONTENT = b"".join(b"https://a.test/%d\n" % number**4 for number in range(30_000))


def read(path: Path, packed: bytes, **options: Callable[[str], object]) -> bytes:
    path.write_bytes(packed)
    return b"".join(blocks_of(path, **options))


@pytest.fixture(params=PACKERS)
def suffix(request: pytest.FixtureRequest) -> str:
    found: str = request.param
    return found


def test_every_suffix_has_a_test() -> None:
    assert PACKERS.keys() == PACKED.keys()


@pytest.mark.parametrize(
    "content", [b"", b"x", b"x" * BLOCK, b"x" * (BLOCK + 1), b"\0" * 10 * BLOCK, CONTENT]
)
def test_a_file_is_what_was_packed(tmp_path: Path, suffix: str, content: bytes) -> None:
    assert read(tmp_path / f"a{suffix.upper()}", PACKERS[suffix](content)) == content
    assert read(tmp_path / "a", content) == content


def test_a_block_is_never_larger_than_that(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"a{suffix}"
    path.write_bytes(PACKERS[suffix](b"x" * 20 * BLOCK))
    assert max(map(len, blocks_of(path))) <= BLOCK


def test_files_that_were_concatenated_are_one(tmp_path: Path, suffix: str) -> None:
    pack = PACKERS[suffix]
    packed = b"".join(pack(b"%d\n" % number) for number in range(500)) + pack(CONTENT)
    assert read(tmp_path / f"a{suffix}", packed) == b"".join(b"%d\n" % n for n in range(500)) + CONTENT


def test_pzstd_puts_frames_between_the_members(tmp_path: Path) -> None:
    between = b"\x50\x2a\x4d\x18" + (4).to_bytes(4, "little") + b"size"
    packed = between + zstandard.compress(b"one") + between + zstandard.compress(b"two")
    assert read(tmp_path / "a.zst", packed) == b"onetwo"


def test_padding_is_no_content(tmp_path: Path, suffix: str) -> None:
    told: list[str] = []
    assert read(tmp_path / f"a{suffix}", PACKERS[suffix](b"x") + bytes(512), warn=told.append) == b"x"
    assert told == []


def test_what_follows_the_end_is_told_and_not_read(tmp_path: Path, suffix: str) -> None:
    told: list[str] = []
    assert read(tmp_path / f"a{suffix}", PACKERS[suffix](b"x") + b"garbage", warn=told.append) == b"x"
    assert told == ["has other data after its end, which was not read"]
    assert read(tmp_path / f"a{suffix}", PACKERS[suffix](b"x") + b"garbage") == b"x"


@pytest.mark.parametrize("missing", [1, 4, 1000])
def test_a_file_that_breaks_off_gives_what_it_has(tmp_path: Path, suffix: str, missing: int) -> None:
    path = tmp_path / f"a{suffix}"
    path.write_bytes(PACKERS[suffix](CONTENT)[:-missing])
    found: list[bytes] = []
    with pytest.raises(PackedError, match="it ends too early"):
        found.extend(blocks_of(path))
    assert CONTENT.startswith(b"".join(found))


def test_a_damaged_file_says_so(tmp_path: Path, suffix: str) -> None:
    packed = PACKERS[suffix](CONTENT)
    damaged = packed[: len(packed) // 2] + b"!" * 64 + packed[len(packed) // 2 + 64 :]
    with pytest.raises(PackedError, match=rf"not a \{suffix} file, or damaged|ends too early"):
        read(tmp_path / f"a{suffix}", damaged)
    with pytest.raises(PackedError, match="or damaged"):
        read(tmp_path / f"a{suffix}", b"https://a.test/1\n")


def test_an_xz_that_asks_for_too_much_memory_is_refused(tmp_path: Path) -> None:
    filters = [{"id": lzma.FILTER_LZMA2, "dict_size": 512 * 1024 * 1024}]
    compressor = lzma.LZMACompressor(filters=filters)
    with pytest.raises(PackedError, match="or damaged"):
        read(tmp_path / "a.xz", compressor.compress(b"x") + compressor.flush())


def test_the_name_of_a_packed_file_without_its_packing() -> None:
    assert without_packing(Path("x/a.CSV.GZ")) == Path("x/a.CSV")
    assert without_packing(Path("x/a.csv")) == Path("x/a.csv")
