"""Lists of URLs: plain lines and JSON Lines, packed or on standard input, and what is wrong with a line or a list."""

import gzip
import io
import os
import sys
from pathlib import Path
from threading import Thread

import pytest

from workers.errors import UserError
from workers.sources.lists import UrlList, read_list, read_stdin
from workers.sources.reading import Reading
from workers.sources.source import Item, ListedUrl, Note, Refusal

U1, U2 = "http://a.test/1", "http://a.test/2"


def read(path: Path, content: bytes, **options: str | bool) -> list[Item]:
    """Return the items of a list in `path`, whose places name the file without its folder."""
    path.write_bytes(content)
    items = read_list(path, Reading.of(**options))  # type: ignore[arg-type]
    prefix = f"{path.parent}/"
    return [
        Note(item.text.replace(prefix, ""))
        if isinstance(item, Note)
        else item._replace(place=item.place.removeprefix(prefix))  # type: ignore[union-attr]
        for item in items
    ]


def test_a_text_list_is_a_url_a_line_without_comments_and_blank_lines(tmp_path: Path) -> None:
    content = b"# mine\n\nhttp://a.test/1\r\n  http://a.test/2  \n"
    assert read(tmp_path / "a.txt", content) == [
        ListedUrl("a.txt:3", U1, {}),
        ListedUrl("a.txt:4", U2, {}),
    ]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("last", [True, False])
def test_a_line_ends_as_on_any_system(tmp_path: Path, end: str, last: bool) -> None:
    content = f"{U1}{end}{end}{U2}{end if last else ''}"
    assert read(tmp_path / "a.txt", content.encode()) == [
        ListedUrl("a.txt:1", U1, {}),
        ListedUrl("a.txt:3", U2, {}),
    ]


def test_a_line_may_end_where_a_block_does(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lines = [f"http://a.test/{number}" for number in range(50)]
    for size in range(1, 40):
        monkeypatch.setattr("workers.sources.unpacked.BLOCK", size)
        found = read(tmp_path / "a.txt", "\r\n".join(lines).encode())
        assert [(item.place, item.url) for item in found] == [  # type: ignore[union-attr]
            (f"a.txt:{number}", line) for number, line in enumerate(lines, 1)
        ]


def test_a_line_of_a_text_list_may_be_a_json_object(tmp_path: Path) -> None:
    content = b'http://a.test/1\n{"link": "http://a.test/2", "n": 7}\n'
    assert read(tmp_path / "urls", content) == [
        ListedUrl("urls:1", U1, {}),
        ListedUrl("urls:2", U2, {"n": 7}),
    ]


def test_the_other_keys_of_json_lines_are_the_source(tmp_path: Path) -> None:
    content = b'{"url": "http://a.test/1", "n": 7, "tags": ["x"]}\n\n{"url": "http://a.test/2"}\n'
    assert read(tmp_path / "a.jsonl", content) == [
        ListedUrl("a.jsonl:1", U1, {"n": 7, "tags": ["x"]}),
        ListedUrl("a.jsonl:3", U2, {}),
    ]


@pytest.mark.parametrize("key", ["url", "URL", "Url", "link", "Link", " href "])
def test_the_key_with_the_url_has_one_of_a_few_names(tmp_path: Path, key: str) -> None:
    content = f'{{"x": 1, "{key}": "{U1}"}}\n'
    assert read(tmp_path / "a.jsonl", content.encode()) == [ListedUrl("a.jsonl:1", U1, {"x": 1})]


def test_url_goes_before_link_and_a_key_that_is_named_before_both(tmp_path: Path) -> None:
    content = f'{{"link": "{U2}", "url": "{U1}", "other": "http://a.test/3"}}\n'.encode()
    (item,) = read(tmp_path / "a.jsonl", content)
    assert item == ListedUrl("a.jsonl:1", U1, {"link": U2, "other": "http://a.test/3"})
    (item,) = read(tmp_path / "a.jsonl", content, column="Other")
    assert item == ListedUrl("a.jsonl:1", "http://a.test/3", {"link": U2, "url": U1})


@pytest.mark.parametrize("name", ["a.txt.gz", "A.TXT.GZ"])
def test_a_list_may_be_packed(tmp_path: Path, name: str) -> None:
    assert read(tmp_path / name, gzip.compress(b"http://a.test/1\n")) == [ListedUrl(f"{name}:1", U1, {})]


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("a.jsonl", b"http://a.test/", "is not JSON"),
        ("a.jsonl", b'{"url": "\\ud800"}', "is not JSON"),
        ("a.jsonl", b"[" * 100_000, "is not JSON"),
        ("a.jsonl", b'["http://a.test/"]', "is not a JSON object"),
        ("a.jsonl", b"7", "is not a JSON object"),
        ("a.jsonl", b'{"url": 7}', "has no text under the key of its URL"),
        ("a.jsonl", b'{"url": null}', "has no text under the key of its URL"),
        ("a.jsonl", b'{"url": " "}', "has no URL"),
        ("a.jsonl", b'{"url": "http://a.test/1"}\n{"n": 7}', "has no key for a URL"),
        ("a.csv", b"n,url\n7\n", "has no URL"),
        ("a.csv", b"n,url\n7,\n", "has no URL"),
        ("a.txt", b"a.test/1", "has no scheme: begin it with https://, or use --assume-https"),
        ("a.txt", b"//a.test/1", "has no scheme: begin it with https://, or use --assume-https"),
        (
            "a.txt",
            "http://a.test/\ufffd".encode(),
            "is not readable in the encoding of the list: name the right one with --encoding",
        ),
    ],
)
def test_a_bad_line_is_refused_with_its_reason(
    tmp_path: Path, name: str, content: bytes, reason: str
) -> None:
    item = read(tmp_path / name, content)[-1]
    assert isinstance(item, Refusal)
    assert item.reason == reason
    assert item.text == content.decode().splitlines()[-1].strip()[:10_000]


@pytest.mark.parametrize(
    ("text", "url"),
    [
        ("a.test/story", "https://a.test/story"),
        (" www.a.test ", "https://www.a.test"),
        ("//a.test/1", "https://a.test/1"),
        ("a.test:8080/x?y=http://b.test/", "https://a.test:8080/x?y=http://b.test/"),
        ("192.0.2.1/x", "https://192.0.2.1/x"),
        ("müller.test/ü", "https://müller.test/ü"),
        ("http://a.test/1", "http://a.test/1"),
        ("ftp://a.test/1", "ftp://a.test/1"),
        ("mailto:me@a.test", "mailto:me@a.test"),
        ("hello", "hello"),
        ("localhost/x", "localhost/x"),
        ("The end. Or not", "The end. Or not"),
        ("1.5", "1.5"),
    ],
)
def test_a_host_without_its_scheme_is_https_only_if_that_is_said(tmp_path: Path, text: str, url: str) -> None:
    (item,) = read(tmp_path / "a.txt", text.encode(), assume_https=True)
    assert item == ListedUrl("a.txt:1", url, {})
    (item,) = read(tmp_path / "a.txt", text.encode())
    assert isinstance(item, Refusal) == (text.strip() != url)


def test_characters_that_cannot_be_seen_around_a_url_are_removed(tmp_path: Path) -> None:
    (item,) = read(tmp_path / "a.txt", f"\u200b{U1}\u200e\u00a0".encode())
    assert item == ListedUrl("a.txt:1", U1, {})


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a.jsonl", b'[{"url": "http://a.test/1"}]', r"a.jsonl is not JSON Lines.*jq -c"),
        ("a.json", b'[\n{"url": "http://a.test/1"}\n]', "jq -c"),
        ("a.json", b'{\n"url": "http://a.test/1"\n}', "jq -c"),
        ("a.jsonl", b'{"addr": "x", "n": 1}\n' * 2, "no key url, link, href. .* has the keys: addr, n. Name"),
        ("a.jsonl", b'{"addr": "x"}\n' * 200, "--column KEY"),
        ("a.jsonl", b'{"%s": 1}' % (b"x" * 1000), "keys: x{40}. Name"),
        ("a.txt.gz", b"no gzip", "a.txt.gz cannot be read: it is not a .gz file"),
    ],
)
def test_a_list_that_cannot_be_read_says_why(tmp_path: Path, name: str, content: bytes, message: str) -> None:
    with pytest.raises(UserError, match=message):
        read(tmp_path / name, content)


def test_a_key_that_does_not_exist_lists_those_that_do(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"no key adress\. Its first object has the keys: url, n"):
        read(tmp_path / "a.jsonl", b'{"url": "http://a.test/1", "n": 1}\n', column="adress")
    with pytest.raises(UserError, match="Name the key"):
        read(tmp_path / "a.jsonl", b'{"url": "http://a.test/1"}\n', column="2")


def test_a_list_that_breaks_off_says_after_which_line(tmp_path: Path) -> None:
    path = tmp_path / "a.txt.gz"
    lines = b"".join(b"http://a.test/%d\n" % (number**5) for number in range(20_000))
    path.write_bytes(gzip.compress(lines)[:-2_000])
    found = []
    with pytest.raises(UserError, match=r"cannot be read after line ([\d,]+): it ends too early") as caught:
        found.extend(read_list(path))
    assert f"{len(found):,}:" in str(caught.value), "a line that is not whole is not taken"
    assert all(item.url.encode() + b"\n" in lines for item in found)  # type: ignore[union-attr]


def test_a_pipe_is_read_once(tmp_path: Path) -> None:
    path = tmp_path / "pipe"
    os.mkfifo(path)
    writer = Thread(target=lambda: path.write_bytes(b"http://a.test/1\n"))
    writer.start()
    source = UrlList(path)
    assert source.size() is None
    assert list(source.read(None)) == [ListedUrl(f"{path}:1", U1, {})]
    writer.join()


def stdin(monkeypatch: pytest.MonkeyPatch, content: bytes, **options: str) -> list[Item]:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(content)))
    return list(read_stdin(Reading.of(**options)))  # type: ignore[arg-type]


def test_standard_input_takes_urls_and_json_objects(monkeypatch: pytest.MonkeyPatch) -> None:
    content = b'http://a.test/1\n{"url": "http://a.test/2", "n": 7}\n'
    assert stdin(monkeypatch, content) == [
        ListedUrl("stdin:1", U1, {}),
        ListedUrl("stdin:2", U2, {"n": 7}),
    ]


def test_standard_input_takes_tables(monkeypatch: pytest.MonkeyPatch) -> None:
    assert stdin(monkeypatch, b"n,Link\n7,http://a.test/1\n") == [ListedUrl("stdin:2", U1, {"n": "7"})]
    (item,) = stdin(monkeypatch, b"7,http://a.test/1\n", column="2")
    assert item == ListedUrl("stdin:1", U1, {"column_1": "7"})
    (item,) = stdin(monkeypatch, b"link^n\nhttp://a.test/1^7\n", delimiter="^")
    assert item == ListedUrl("stdin:2", U1, {"n": "7"})
    (item,) = stdin(monkeypatch, "link\thttp\n".encode("utf-16") + "http://a.test/1\tü\n".encode("utf-16-le"))
    assert item == ListedUrl("stdin:2", U1, {"http": "ü"})


def test_a_plain_list_is_read_beside_a_table_whose_column_is_named(tmp_path: Path) -> None:
    for column in ("link", "3"):
        assert read(tmp_path / "a.txt", U1.encode(), column=column) == [ListedUrl("a.txt:1", U1, {})]


def test_a_text_with_tabs_beside_its_urls_is_a_table(tmp_path: Path) -> None:
    content = f"{U1}\tA title\n{U2}\tAnother\n"
    assert read(tmp_path / "a.txt", content.encode()) == [
        Note("a.txt has no header. Its URLs are read from column 1."),
        ListedUrl("a.txt:1", U1, {"column_2": "A title"}),
        ListedUrl("a.txt:2", U2, {"column_2": "Another"}),
    ]
