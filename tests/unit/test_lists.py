"""Lists of URLs: every format, and what is wrong with a line or a list."""

import gzip
import io
import sys
from pathlib import Path

import pytest

from workers.errors import UserError
from workers.sources.lists import read_list, read_stdin
from workers.sources.source import Item, ListedUrl, Refusal


def read(path: Path, content: bytes) -> list[Item]:
    path.write_bytes(content)
    return [item._replace(place=item.place.removeprefix(f"{path.parent}/")) for item in read_list(path)]


def test_a_text_list_is_a_url_a_line_without_comments_and_blank_lines(tmp_path: Path) -> None:
    content = b"# mine\n\nhttp://a.test/1\r\n  http://a.test/2  \n"
    assert read(tmp_path / "a.txt", content) == [
        ListedUrl("a.txt:3", "http://a.test/1", {}),
        ListedUrl("a.txt:4", "http://a.test/2", {}),
    ]


def test_the_other_columns_of_a_table_are_the_source(tmp_path: Path) -> None:
    content = 'title,URL\n"Two\nlines",http://a.test/1\nÜ,http://a.test/2\n'.encode()
    assert read(tmp_path / "a.csv", content) == [
        ListedUrl("a.csv:2", "http://a.test/1", {"title": "Two\nlines"}),
        ListedUrl("a.csv:4", "http://a.test/2", {"title": "Ü"}),
    ]


@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_a_table_may_have_any_separator_that_spreadsheets_write(tmp_path: Path, separator: str) -> None:
    content = f"\ufeffurl{separator}n\nhttp://a.test/1{separator}7\n".encode()
    assert read(tmp_path / "a.csv", content) == [ListedUrl("a.csv:2", "http://a.test/1", {"n": "7"})]


def test_the_other_keys_of_json_lines_are_the_source(tmp_path: Path) -> None:
    content = b'{"url": "http://a.test/1", "n": 7, "tags": ["x"]}\n\n{"url": "http://a.test/2"}\n'
    assert read(tmp_path / "a.jsonl", content) == [
        ListedUrl("a.jsonl:1", "http://a.test/1", {"n": 7, "tags": ["x"]}),
        ListedUrl("a.jsonl:3", "http://a.test/2", {}),
    ]


@pytest.mark.parametrize("name", ["a.txt.gz", "A.TXT.GZ"])
def test_a_list_may_be_packed(tmp_path: Path, name: str) -> None:
    assert read(tmp_path / name, gzip.compress(b"http://a.test/1\n")) == [
        ListedUrl(f"{name}:1", "http://a.test/1", {})
    ]


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("a.txt", b"http://a.test/\xff", "is not UTF-8"),
        ("a.jsonl", b"http://a.test/", "is not JSON"),
        ("a.jsonl", b'{"url": "\\ud800"}', "is not JSON"),
        ("a.jsonl", b"[" * 100_000, "is not JSON"),
        ("a.jsonl", b'["http://a.test/"]', "is not a JSON object with a text under `url`"),
        ("a.jsonl", b'{"url": 7}', "is not a JSON object with a text under `url`"),
        ("a.jsonl", b'{"url": "http://a.test/", "n": "\xff"}', "is not UTF-8"),
        ("a.csv", b"n,url\n7\n", "has no url"),
        ("a.csv", b"url,n\nhttp://a.test/,7,8\n", "has 3 fields, but there are 2 columns"),
        ("a.csv", b"url,n\nhttp://a.test/,\xff\n", "is not UTF-8"),
    ],
)
def test_a_bad_line_is_refused_with_its_reason(
    tmp_path: Path, name: str, content: bytes, reason: str
) -> None:
    (item,) = read(tmp_path / name, content)
    assert isinstance(item, Refusal)
    assert item.reason == reason


def test_the_lines_after_a_bad_one_are_read(tmp_path: Path) -> None:
    huge = b'url\n"' + b"x" * 200_000 + b'"\nhttp://a.test/1\n'
    first, second = read(tmp_path / "a.csv", huge)
    assert isinstance(first, Refusal)
    assert second == ListedUrl("a.csv:3", "http://a.test/1", {})


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a.csv", b"title,link\n", "no column `url`. Its columns are: title, link"),
        ("a.csv", b"", "Its columns are: none"),
        ("a.txt.gz", b"no gzip", "cannot be read"),
        ("a.txt.gz", gzip.compress(b"http://a.test/1\n" * 99)[:-9], "cannot be read"),
    ],
)
def test_a_list_that_cannot_be_read_says_why(tmp_path: Path, name: str, content: bytes, message: str) -> None:
    with pytest.raises(UserError, match=message):
        read(tmp_path / name, content)


def test_standard_input_takes_urls_and_json_objects(monkeypatch: pytest.MonkeyPatch) -> None:
    content = b'http://a.test/1\n{"url": "http://a.test/2", "n": 7}\n'
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(content)))
    assert list(read_stdin()) == [
        ListedUrl("stdin:1", "http://a.test/1", {}),
        ListedUrl("stdin:2", "http://a.test/2", {"n": 7}),
    ]
