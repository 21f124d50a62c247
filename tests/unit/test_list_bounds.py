"""Whatever is in a list, it takes little memory and time proportional to its size, and costs nothing but itself."""

import gzip
import json
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from workers.errors import UserError
from workers.ledger.entries import LARGEST_EXTRAS
from workers.sources import lines
from workers.sources.bounds import DEEPEST, LONGEST_LINE
from workers.sources.extras import kept
from workers.sources.lines import Lines, TooLong
from workers.sources.lists import read_list
from workers.sources.reading import Reading
from workers.sources.source import Item, ListedUrl, Note, Refusal

#: Bytes of address space for reading a list in a process of its own: the imports take 250 MB of it.
ADDRESS_SPACE = 600 * 1024 * 1024
#: Prints the items of a list by kind, the last item, and how much more memory than before was resident, in MB.
READ = f"""
import json, resource, sys
from pathlib import Path
from workers.sources.lines import Lines, TooLong
from workers.sources.lists import read_list
resource.setrlimit(resource.RLIMIT_AS, ({ADDRESS_SPACE}, {ADDRESS_SPACE}))
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
kinds, last = {{}}, None
for item in read_list(Path(sys.argv[1])):
    kind = getattr(item, "reason", type(item).__name__)
    kinds[kind] = kinds.get(kind, 0) + 1
    last = item if kind == "ListedUrl" else last
grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
print(json.dumps([kinds, last.url, grown]))
"""
MB = 1024 * 1024
LAST = {
    "txt": "https://a.test/last",
    "csv": "https://a.test/last,x",
    "jsonl": '{"url": "https://a.test/last"}',
}


def read_apart(path: Path) -> tuple[dict[str, int], str, float]:
    ended = subprocess.run([sys.executable, "-c", READ, path], capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stderr
    kinds, last, grown = json.loads(ended.stdout)
    return kinds, last, grown


def bomb(path: Path, *parts: tuple[bytes, int]) -> Path:
    """Write a .gz with each part so many times, as members of their own: 16 MB take 16 KB, and no time."""
    path.write_bytes(b"".join(gzip.compress(part) * times for part, times in parts))
    return path


@pytest.mark.parametrize(
    ("name", "first", "filling", "gigabytes"),
    [
        ("a.txt.gz", b"https://a.test/1\nhttps://a.test/", b"x", 3),
        ("a.csv.gz", b"url,title\nhttps://a.test/1,x\nhttps://a.test/2,", b"x", 0.5),
        ("a.csv.gz", b'url,title\nhttps://a.test/1,x\nhttps://a.test/2,"', b",", 0.5),
        ("a.jsonl.gz", b'{"url": "https://a.test/1"}\n{"url": "', b"x", 0.5),
        ("a.jsonl.gz", b'{"url": "https://a.test/1"}\n{"url": "https://a.test/2", "n": ', b"[", 0.5),
        ("a.txt.gz", b"https://a.test/1\n", b"\xff", 0.5),
    ],
)
def test_gigabytes_on_one_line_are_one_refusal(
    tmp_path: Path, name: str, first: bytes, filling: bytes, gigabytes: float
) -> None:
    last = LAST[name.split(".")[1]].encode()
    path = bomb(tmp_path / name, (first, 1), (filling * 16 * MB, int(64 * gigabytes)), (b"\n" + last, 1))
    assert path.stat().st_size < 4 * MB
    kinds, url, grown = read_apart(path)
    kinds.pop("Note", None)
    assert kinds == {"ListedUrl": 2, "is longer than 1 MB": 1}
    assert url == "https://a.test/last"
    assert grown < 40, "MB"


def test_a_quote_that_is_never_closed_holds_a_megabyte_and_loses_nothing(tmp_path: Path) -> None:
    rows = b"https://a.test/3,x\n" * 50_000
    path = bomb(
        tmp_path / "a.csv.gz", (b'url,title\nhttps://a.test/2,"x\n', 1), (rows, 10), (LAST["csv"].encode(), 1)
    )
    kinds, url, grown = read_apart(path)
    assert (kinds, url) == ({"ListedUrl": 500_002}, "https://a.test/last")
    assert grown < 60, "MB"


def read(path: Path, content: bytes) -> list[Item]:
    path.write_bytes(content)
    return list(read_list(path))


def test_rows_whose_quotes_never_close_take_no_more_time_than_others(tmp_path: Path) -> None:
    def seconds(row: bytes) -> float:
        began = time.process_time()
        assert len(read(tmp_path / "a.csv", b"url,title\n" + row * 100_000)) == 100_000
        return time.process_time() - began

    # Read again from every row on, a megabyte each time, they would take 10,000 times as long.
    assert seconds(b'https://a"b,"c\n') < 30 * seconds(b'https://ab,"c"\n')


@pytest.mark.parametrize(
    "size", [LONGEST_LINE - 100, LONGEST_LINE - 1, LONGEST_LINE, LONGEST_LINE + 1, 3 * LONGEST_LINE]
)
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_a_line_is_too_long_by_its_bytes(tmp_path: Path, size: int, end: str) -> None:
    long = '{"url": "https://a.test/1", "n": "ü' + "x" * (size - 41 - len(end)) + '"}'
    while len(f"{long}{end}".encode()) < size:
        long = long.replace("x", "xx", 1)
    content = f"{long}{end}{LAST['jsonl']}{end}".encode()
    first, second = read(tmp_path / "a.jsonl", content)
    assert isinstance(first, Refusal if len(f"{long}{end}".encode()) > LONGEST_LINE else ListedUrl)
    assert second.url == "https://a.test/last"  # type: ignore[union-attr]


@given(st.lists(st.binary(max_size=12) | st.sampled_from([b"\r", b"\n", b"\r\n", b"x" * 7]), max_size=20))
def test_lines_are_the_same_however_a_list_comes(blocks: list[bytes]) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(lines, "LONGEST_LINE", 16)  # as in a list, longer than a block
        found = list(Lines(blocks))
    whole = b"".join(blocks).splitlines(keepends=True)
    assert [type(line) is TooLong for line in found] == [len(line) > 16 for line in whole]
    assert [line.encode(errors="surrogateescape") for line in found if type(line) is not TooLong] == [
        line for line in whole if len(line) <= 16
    ]


PARTS = st.sampled_from(
    [
        *(
            b"url",
            b"link,title",
            b"https://a.test/1",
            b"a.test/2",
            b"https://",
            b'"',
            b'""',
            b",",
            b";",
            b"\t",
            b"|",
        ),
        *(
            b"\n",
            b"\r",
            b"\r\n",
            b"\0",
            b"\x1f",
            b"#",
            b"sep=;",
            b"\xef\xbb\xbf",
            b"\xff\xfe",
            b"\xfe\xff",
            b"\xe4",
        ),
        *(b'{"url": "https://a.test/3"}', b'{"url":', b"[", b"{", b"}", b"\\ud800", "日本".encode("cp932")),
    ]
)


@given(
    st.sampled_from(["a.txt", "a.csv", "a.tsv", "a.jsonl", "a.json", "a", "a.csv.gz", "a.txt.zst"]),
    st.lists(PARTS | st.binary(max_size=3), max_size=30).map(b"".join),
    st.booleans(),
    st.fixed_dictionaries(
        {},
        optional={
            "encoding": st.sampled_from(["utf-8", "utf-16", "latin-1", "shift_jis", "utf-32"]),
            "column": st.sampled_from(["1", "2", "title", "url"]),
            "delimiter": st.sampled_from([",", "tab", "x"]),
            "assume_https": st.booleans(),
        },
    ),
)
def test_whatever_is_in_a_file_it_is_a_list_or_an_error_that_says_why(
    tmp_path_factory: pytest.TempPathFactory, name: str, content: bytes, packed: bool, options: dict[str, Any]
) -> None:
    path = tmp_path_factory.getbasetemp() / name
    if packed:
        content = zstandard.compress(content) if name.endswith("zst") else gzip.compress(content)
    path.write_bytes(content)
    with suppress(UserError):
        for item in read_list(path, Reading.of(**options)):
            assert isinstance(item, ListedUrl | Refusal | Note)
            if isinstance(item, ListedUrl):
                item.url.encode()  # no half of a surrogate pair
                json.dumps(kept(item.extras)).encode()


def test_a_cell_that_is_too_long_costs_its_row_and_no_other(tmp_path: Path) -> None:
    text = b"a line of the text\n" * 100_000
    found = read(tmp_path / "a.csv", b'url,text\nhttps://a.test/1,"' + text + b'"\nhttps://a.test/2,x\n')
    urls = [item.url for item in found if isinstance(item, ListedUrl)]
    assert (urls[0], urls[-1]) == ("https://a.test/1", "https://a.test/2")


def test_what_is_refused_is_kept_up_to_a_bound(tmp_path: Path) -> None:
    (item,) = read(tmp_path / "a.txt", b"x" * 100_000)
    assert len(item.url) == 100_000  # type: ignore[union-attr]
    (item,) = read(tmp_path / "a.jsonl", b"x" * 100_000)
    assert len(item.text) == 10_000  # type: ignore[union-attr]


# What is kept of the other columns and keys.


def nested(levels: int) -> Any:
    value: Any = 1
    for _ in range(levels):
        value = [value]
    return value


def test_a_value_that_is_nested_too_deeply_is_left_out() -> None:
    assert kept({"n": nested(DEEPEST), "m": 1}) == {"n": nested(DEEPEST), "m": 1}
    assert kept({"n": nested(DEEPEST + 1), "m": 1}) == {"m": 1}
    assert kept({"n": {"x": nested(DEEPEST)}, "m": 1}) == {"m": 1}


@pytest.mark.parametrize("levels", [33, 500, 900])
def test_nested_lists_cost_no_more_than_themselves(tmp_path: Path, levels: int) -> None:
    line = '{"url": "https://a.test/%d", "n": ' + "[" * levels + "]" * levels + "}\n"
    content = "".join(line % number for number in range(3)) + LAST["jsonl"]
    found = read(tmp_path / "a.jsonl", content.encode())
    assert [item.url for item in found] == [*(f"https://a.test/{n}" for n in range(3)), "https://a.test/last"]  # type: ignore[union-attr]
    assert kept(found[0].extras) == {}  # type: ignore[union-attr]


def test_the_largest_values_are_left_out_until_the_others_fit() -> None:
    fits = {"n": "x" * (LARGEST_EXTRAS - len('{"n":""}'))}
    assert kept(fits) == fits
    assert kept({"n": fits["n"] + "x"}) == {}
    found = kept({"text": "x" * 5_000, "title": "ü" * 300, "id": 7, "lead": "x" * 500})
    assert found == {"id": 7, "lead": "x" * 500}
    many = {f"key{number}": number for number in range(1_000)}
    assert len(json.dumps(kept(many), separators=(",", ":"))) <= LARGEST_EXTRAS
    assert list(kept({"b": 1, "a": "x" * 2_000, "c": 2})) == ["b", "c"], "in their order"


def test_nul_is_taken_out_however_deep_it_is() -> None:
    assert kept({"a\0": [{"b": "c\0"}], "n": 1, "m": "\\u0000"}) == {
        "a": [{"b": "c"}],
        "n": 1,
        "m": "\\u0000",
    }
