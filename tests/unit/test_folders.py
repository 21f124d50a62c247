"""Folders of documents: what is taken, what is counted, and what is beside a saved page."""

import gzip
import json
import os
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from workers.sources.documents import IS_LIST
from workers.sources.folders import Folder, documents_in
from workers.sources.sidecars import SidecarError, sidecar_of
from workers.sources.source import Item, LocalDocument, Refusal, Skipped


def make(folder: Path, *names: str) -> None:
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).touch()


def read(folder: Path) -> tuple[list[str], dict[str, int], list[Item]]:
    """Return the documents in a folder, how many files of each kind are skipped, and what is refused."""
    items = list(Folder(folder).read(None))
    documents = [str(item.path.relative_to(folder)) for item in items if isinstance(item, LocalDocument)]
    assert documents_in(folder)[: len(documents)], "the same documents, lists among them"
    skipped = Counter(item.kind for item in items if isinstance(item, Skipped))
    return documents, dict(skipped), [item for item in items if isinstance(item, Refusal)]


def test_documents_come_in_the_order_of_their_names(tmp_path: Path) -> None:
    make(tmp_path, "b.html", "a.txt", "c/d.htm.gz", "c/a.xhtml", "B.HTML")
    assert read(tmp_path) == (["B.HTML", "a.txt", "b.html", "c/a.xhtml", "c/d.htm.gz"], {}, [])
    assert Folder(tmp_path).size() == 5


def test_files_that_are_no_documents_are_counted_by_kind(tmp_path: Path) -> None:
    make(
        tmp_path,
        "a.html",
        "1.jpg",
        "2.JPG",
        "x/y.pdf",
        "urls.csv",
        "Makefile",
        "a.not-a-suffix",
        "b.toolongsuffix",
    )
    make(tmp_path, ".hidden.html", ".git/config", ".git/a.html", "a.b c")
    os.mkfifo(tmp_path / "pipe")
    os.mkfifo(tmp_path / "pipe.html")
    (tmp_path / "gone.html").symlink_to(tmp_path / "nowhere")
    (tmp_path / "circle").symlink_to(tmp_path)
    assert read(tmp_path)[:2] == (
        ["a.html", "pipe.html"],  # refused by its name when it is read
        {
            ".jpg": 2,
            ".pdf": 1,
            ".csv": 1,
            "without a suffix": 1,
            "other": 3,
            "hidden": 2,
            "no regular files": 1,
            "unreadable": 1,
            "linked folders": 1,
        },
    )


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_folder_that_cannot_be_read_is_counted(tmp_path: Path) -> None:
    make(tmp_path, "a.html", "secret/b.html")
    (tmp_path / "secret").chmod(0)
    assert read(tmp_path)[:2] == (["a.html"], {"unreadable": 1})
    (tmp_path / "secret").chmod(0o700)


def test_a_folder_that_is_gone_is_counted(tmp_path: Path) -> None:
    assert list(Folder(tmp_path / "gone").read(None)) == [Skipped(tmp_path / "gone", "unreadable")]


@pytest.mark.parametrize(
    "parts", ["story_files", "story-Dateien", "story_fichiers", "story.files", "STORY_files"]
)
def test_the_parts_of_a_saved_page_are_no_documents(tmp_path: Path, parts: str) -> None:
    make(tmp_path, "story.html", f"{parts}/frame.html", f"{parts}/deep/ad.htm", f"{parts}/style.css")
    assert read(tmp_path) == (["story.html"], {"parts of saved pages": 2, ".css": 1}, [])


def test_a_folder_that_is_only_named_like_one_of_parts_has_documents(tmp_path: Path) -> None:
    make(tmp_path, "my_files/a.html", "story.html", "story-2/b.html", "story/c.html")
    assert read(tmp_path)[0] == ["my_files/a.html", "story/c.html", "story-2/b.html", "story.html"]


def test_a_list_of_urls_in_a_folder_is_named_and_not_submitted(tmp_path: Path) -> None:
    make(tmp_path, "a.html")
    (tmp_path / "urls.txt").write_text("https://a.test/1\nhttps://a.test/2\n")
    (tmp_path / "utf16.txt").write_text("https://a.test/1\nhttps://a.test/2\n", "utf-16")
    (tmp_path / "packed.txt.gz").write_bytes(gzip.compress(b"https://a.test/1\n"))
    (tmp_path / "damaged.txt.gz").write_bytes(b"no gzip")
    (tmp_path / "headline.txt").write_text("A headline of the day")
    documents, skipped, refused = read(tmp_path)
    assert documents == ["a.html", "damaged.txt.gz", "headline.txt"], "who reads a damaged one says so"
    assert refused == [
        Refusal(str(tmp_path / name), IS_LIST, "") for name in ("packed.txt.gz", "urls.txt", "utf16.txt")
    ]
    assert skipped == {}


# Sidecars.


@pytest.mark.parametrize(
    ("page", "sidecar"),
    [
        ("a.html", "a.json"),
        ("a.html", "a.html.json"),
        ("a.html.gz", "a.json"),
        ("a.html.gz", "a.html.json"),
        ("a.html.gz", "a.html.gz.json"),
        ("a.v2.HTM", "a.v2.json"),
        ("a.txt", "a.json"),
    ],
)
def test_a_sidecar_is_no_document_and_says_what_its_page_is(tmp_path: Path, page: str, sidecar: str) -> None:
    make(tmp_path, page)
    (tmp_path / sidecar).write_text('{"url": "https://a.test/1", "by": "me"}')
    assert read(tmp_path) == ([page], {}, [])
    assert sidecar_of(tmp_path / page) == {"url": "https://a.test/1", "by": "me"}


def test_any_other_json_is_no_sidecar(tmp_path: Path) -> None:
    make(tmp_path, "a.html", "b.json", "c.pdf", "c.json", "a.css.json")
    assert read(tmp_path)[1] == {".json": 3, ".pdf": 1}
    assert sidecar_of(tmp_path / "a.html") == {}


@pytest.mark.parametrize(
    "value", [{}, {"title": "x"}, {"url": 7}, {"url": None}, {"link": "https://a.test/1"}]
)
def test_a_sidecar_without_a_url_says_nothing(tmp_path: Path, value: dict[str, Any]) -> None:
    make(tmp_path, "a.html")
    (tmp_path / "a.json").write_text(json.dumps(value))
    assert sidecar_of(tmp_path / "a.html") == {}


@pytest.mark.parametrize(
    "content", [b"", b"{", b"[1]", b"7", b"\xff", b"[" * 100_000, b'{"url": "%s"}' % (b"x" * 300_000)]
)
def test_a_sidecar_that_cannot_be_read_is_an_error(tmp_path: Path, content: bytes) -> None:
    make(tmp_path, "a.html")
    (tmp_path / "a.json").write_bytes(content)
    with pytest.raises(SidecarError):
        sidecar_of(tmp_path / "a.html")


def test_the_sidecar_with_the_whole_name_goes_first(tmp_path: Path) -> None:
    make(tmp_path, "a.html")
    (tmp_path / "a.json").write_text('{"url": "https://a.test/1"}')
    (tmp_path / "a.html.json").write_text('{"url": "https://a.test/2"}')
    assert sidecar_of(tmp_path / "a.html") == {"url": "https://a.test/2"}
