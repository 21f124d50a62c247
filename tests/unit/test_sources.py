"""What the user names, sorted out: URLs, lists, documents; and what cannot be a submission."""

import gzip
from pathlib import Path
from typing import Any

import pytest

from workers.errors import UserError
from workers.sources.arguments import open_sources
from workers.sources.documents import (
    IS_LIST,
    Document,
    DocumentError,
    document_url,
    path_of,
    read_document,
)
from workers.sources.folders import Folder
from workers.sources.lists import StandardInput, UrlList
from workers.sources.reading import Reading
from workers.sources.source import ListedUrl, LocalDocument, Refusal, Source


def opened(*arguments: str, documents: bool = False, **options: Any) -> list[Source]:
    return open_sources(arguments, reading=Reading.of(**options), texts_are_documents=documents)


PROSE = "A headline\n\nThe story, as it was told.\n"


@pytest.mark.parametrize(
    "name",
    [
        "a.csv",
        "a.tsv",
        "a.tab",
        "a.jsonl",
        "a.ndjson",
        "a.json",
        "A.CSV.GZ",
        "a.csv.zst",
        "a.txt.bz2",
        "urls",
    ],
)
def test_tables_json_lines_and_files_without_a_suffix_are_lists(tmp_path: Path, name: str) -> None:
    (tmp_path / name).touch()
    assert opened(str(tmp_path / name)) == [UrlList(tmp_path / name)]


@pytest.mark.parametrize("name", ["a.html", "a.HTM", "a.xhtml", "a.html.gz", "a.html.zst"])
def test_pages_are_documents(tmp_path: Path, name: str) -> None:
    (tmp_path / name).touch()
    assert opened(str(tmp_path / name)) == [Document(tmp_path / name)]


@pytest.mark.parametrize(
    "content",
    [
        "",
        "# nothing yet\n",
        "http://a.test/\n",
        "foo\n",
        "not a url\nhttps://a.test/\n",
        "www.a.test/1\nwww.a.test/2\n",
        "A title\thttps://a.test/\n",
        '{"url": "https://a.test/"}\n',
    ],
)
@pytest.mark.parametrize("name", ["a.txt", "a.txt.gz"])
def test_a_text_with_urls_is_a_list(tmp_path: Path, name: str, content: str) -> None:
    raw = content.encode()
    path = tmp_path / name
    path.write_bytes(gzip.compress(raw) if name.endswith("gz") else raw)
    assert opened(str(path)) == [UrlList(path)]
    assert opened(str(path), documents=True) == [Document(path)]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-32"])
def test_a_list_is_told_from_a_document_in_any_encoding(tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "a.txt"
    path.write_text("https://a.test/1\nhttps://a.test/2\n", encoding)
    assert opened(str(path)) == [UrlList(path)]
    path.write_text("Ein Höhepunkt\n\nDie Geschichte, wie sie war.\n", encoding)
    assert opened(str(path)) == [Document(path)]


def test_a_text_that_is_mostly_urls_is_no_document_whatever_is_said(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text("https://a.test/1\nhttps://a.test/2\n")
    (source,) = opened(str(path), documents=True)
    assert list(source.read(None)) == [Refusal(str(path), IS_LIST, "")]
    path.write_text("A headline\n")
    assert list(source.read(None)) == [LocalDocument(path)]


def test_a_text_whose_column_is_named_is_a_table(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text("A long title; and more;https://a.test/1\n")
    assert opened(str(path), column="2") == [UrlList(path, Reading.of(column="2"))]


@pytest.mark.parametrize("content", [PROSE, "今日の天気\n", "One headline: see http://a.test/\n"])
def test_a_text_without_urls_at_the_beginning_of_a_line_is_a_document(tmp_path: Path, content: str) -> None:
    path = tmp_path / "a.txt"
    path.write_text(content)
    assert opened(str(path)) == [Document(path)]


def test_a_folder_means_the_documents_in_it(tmp_path: Path) -> None:
    assert opened(str(tmp_path)) == [Folder(tmp_path)]
    assert opened(str(tmp_path / ".."), documents=True) == [Folder(tmp_path / "..")]


def test_urls_and_standard_input_are_told_from_files() -> None:
    first, stdin, second = opened("http://a.test/", "-", "ftp://a.test/")
    assert [*first.read(None), *second.read(None)] == [
        ListedUrl("argument:1", "http://a.test/", {}),
        ListedUrl("argument:3", "ftp://a.test/", {}),
    ]
    assert isinstance(stdin, StandardInput)


def test_a_url_without_its_scheme_is_one_only_if_that_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (source,) = opened("a.test/story", assume_https=True)
    assert list(source.read(None)) == [ListedUrl("argument:1", "https://a.test/story", {})]
    with pytest.raises(UserError, match=r"a\.test/story does not exist.*--assume-https"):
        opened("a.test/story")
    with pytest.raises(UserError, match="hello does not exist"):
        opened("hello", assume_https=True)
    (tmp_path / "a.csv").touch()
    assert opened("a.csv", assume_https=True) == [UrlList(Path("a.csv"), Reading.of(assume_https=True))]


def test_what_is_not_there_is_said_at_once(tmp_path: Path) -> None:
    (tmp_path / "a.pdf").touch()
    with pytest.raises(UserError, match=r"nothing\.txt does not exist"):
        opened("http://a.test/", str(tmp_path / "nothing.txt"))
    with pytest.raises(UserError, match="neither a list"):
        opened(str(tmp_path / "a.pdf"))
    (tmp_path / "a.xlsx").touch()
    with pytest.raises(UserError, match="Save the sheet as CSV"):
        opened(str(tmp_path / "a.xlsx"))


def test_a_document_has_one_url_packed_or_not_and_is_found_by_it(tmp_path: Path) -> None:
    path = tmp_path / "ü b.html"
    packed = tmp_path / "ü b.html.gz"
    url = document_url(path)
    assert url == document_url(packed) == path.as_uri()
    assert path_of(url) is None
    packed.write_bytes(gzip.compress(b"<p>x"))
    assert path_of(url) == packed
    assert read_document(packed) == b"<p>x"


def test_a_document_that_cannot_be_read_says_why(tmp_path: Path) -> None:
    (tmp_path / "a.html.gz").write_bytes(b"no gzip")
    with pytest.raises(DocumentError, match=r"it is not a \.gz file"):
        read_document(tmp_path / "a.html.gz")
    with pytest.raises(DocumentError, match="No such file"):
        read_document(tmp_path / "b.html")
