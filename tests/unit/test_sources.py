"""What the user names, sorted out: URLs, lists, documents; and what cannot be a submission."""

import gzip
from pathlib import Path

import pytest

from workers.errors import UserError
from workers.ledger.entries import LARGEST_EXTRAS, Priority
from workers.sources.arguments import open_sources
from workers.sources.documents import (
    DocumentError,
    Documents,
    document_url,
    documents_in,
    path_of,
    read_document,
)
from workers.sources.lists import StandardInput, UrlList
from workers.sources.source import ListedUrl, LocalDocument, Source
from workers.sources.submit import submission_of


def opened(*arguments: str, **options: bool) -> list[Source]:
    return open_sources(arguments, **options)


PROSE = "A headline\n\nThe story, as it was told.\n"


@pytest.mark.parametrize("name", ["a.csv", "a.jsonl", "a.ndjson", "a.csv.gz", "urls"])
def test_tables_json_lines_and_files_without_a_suffix_are_lists(tmp_path: Path, name: str) -> None:
    (tmp_path / name).touch()
    assert opened(str(tmp_path / name)) == [UrlList(tmp_path / name)]


@pytest.mark.parametrize("name", ["a.html", "a.HTM", "a.xhtml", "a.html.gz"])
def test_pages_are_documents(tmp_path: Path, name: str) -> None:
    (tmp_path / name).touch()
    assert opened(str(tmp_path / name)) == [Documents(tmp_path / name)]


@pytest.mark.parametrize(
    "content",
    [
        "",
        "# nothing yet\n",
        "http://a.test/\n",
        "foo\n",
        "not a url\nhttps://a.test/\n",
        "www.a.test/1\nwww.a.test/2\n",
    ],
)
@pytest.mark.parametrize("name", ["a.txt", "a.txt.gz"])
def test_a_text_with_urls_is_a_list(tmp_path: Path, name: str, content: str) -> None:
    raw = content.encode()
    path = tmp_path / name
    path.write_bytes(gzip.compress(raw) if name.endswith("gz") else raw)
    assert opened(str(path)) == [UrlList(path)]
    assert opened(str(path), texts_are_documents=True) == [Documents(path)]


@pytest.mark.parametrize("content", [PROSE, "今日の天気\n", "One headline: see http://a.test/\n"])
def test_a_text_without_urls_at_the_beginning_of_a_line_is_a_document(tmp_path: Path, content: str) -> None:
    path = tmp_path / "a.txt"
    path.write_text(content)
    assert opened(str(path)) == [Documents(path)]


def test_a_folder_means_the_documents_in_it_in_order(tmp_path: Path) -> None:
    for name in ("b.html", "a.txt", "c/d.htm.gz", "x.csv", "y.pdf", ".hidden/e.html"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    names = ["a.txt", "b.html", "c/d.htm.gz"]
    assert documents_in(tmp_path) == [tmp_path / name for name in names]
    (folder,) = opened(str(tmp_path))
    assert list(folder.read(None)) == [LocalDocument(tmp_path / name) for name in names]
    assert folder.size() == len(names)


def test_urls_and_standard_input_are_told_from_files() -> None:
    first, stdin, second = opened("http://a.test/", "-", "ftp://a.test/")
    assert [*first.read(None), *second.read(None)] == [
        ListedUrl("argument:1", "http://a.test/", {}),
        ListedUrl("argument:3", "ftp://a.test/", {}),
    ]
    assert isinstance(stdin, StandardInput)


def test_what_is_not_there_is_said_at_once(tmp_path: Path) -> None:
    (tmp_path / "a.pdf").touch()
    with pytest.raises(UserError, match=r"nothing\.txt does not exist"):
        opened("http://a.test/", str(tmp_path / "nothing.txt"))
    with pytest.raises(UserError, match="neither a list"):
        opened(str(tmp_path / "a.pdf"))


def test_an_entry_becomes_a_submission_of_its_canonical_url() -> None:
    one = submission_of(ListedUrl("a:1", "HTTP://A.test:80/x?utm_source=y", {"n": "7\0"}), Priority.LOW)
    assert (one.url, one.host, one.priority) == ("http://a.test/x", "a.test", Priority.LOW)
    assert one.extras == {"n": "7"}, "PostgreSQL keeps no NUL"


def test_a_source_that_is_too_large_is_refused() -> None:
    fits = {"n": "x" * (LARGEST_EXTRAS - len('{"n":""}'))}
    assert submission_of(ListedUrl("a:1", "http://a.test/", fits), Priority.NORMAL).extras == fits
    with pytest.raises(ValueError, match=f"at most {LARGEST_EXTRAS}"):
        submission_of(ListedUrl("a:1", "http://a.test/", {"n": fits["n"] + "x"}), Priority.NORMAL)


def test_nul_is_taken_out_of_a_source_however_deep_it_is() -> None:
    source = {"a\0": [{"b": "c\0"}], "n": 1}
    assert submission_of(ListedUrl("a:1", "http://a.test/", source), Priority.NORMAL).extras == {
        "a": [{"b": "c"}],
        "n": 1,
    }


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
    with pytest.raises(DocumentError, match="Not a gzipped file"):
        read_document(tmp_path / "a.html.gz")
    with pytest.raises(DocumentError, match="No such file"):
        read_document(tmp_path / "b.html")
