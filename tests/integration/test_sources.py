"""A source that keeps its place: what was read once is not read again, and a crash loses nothing."""

import io
import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from workers.errors import UserError
from workers.ledger.frontier import Frontier
from workers.ledger.submit import Submitted
from workers.local.run import LocalRun
from workers.output.terminal import Terminal
from workers.settings import Settings
from workers.sources.folders import Folder
from workers.sources.memory import MemorySource
from workers.sources.report import Report
from workers.sources.source import Item, ListedUrl, Note, Refusal, Skipped
from workers.sources.submit import submit_sources
from workers.store.store import Store


def listed(number: int) -> ListedUrl:
    return ListedUrl(f"memory:{number}", f"http://a.test/{number}", {})


@pytest.fixture
def frontier(make_frontier: Callable[..., Frontier]) -> Frontier:
    return make_frontier()


def test_a_second_reading_begins_where_the_first_one_ended(frontier: Frontier, store: Store) -> None:
    source = MemorySource(listed(1), listed(2))
    assert submit_sources(frontier, store, [source], report=Report()).queued == 2
    source.items.append(listed(3))
    again = submit_sources(frontier, store, [source], report=Report())
    assert (again.queued, again.total) == (1, 1)


def test_another_process_begins_there_too_and_another_source_at_its_beginning(
    frontier: Frontier, store: Store
) -> None:
    submit_sources(frontier, store, [MemorySource(listed(1), name="one")], report=Report())
    assert submit_sources(frontier, store, [MemorySource(listed(1), name="one")], report=Report()).total == 0
    assert (
        submit_sources(frontier, store, [MemorySource(listed(1), name="two")], report=Report()).in_progress
        == 1
    )


def test_the_place_is_kept_only_once_all_is_submitted(
    frontier: Frontier, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = MemorySource(listed(1), listed(2))
    with monkeypatch.context() as patch:
        patch.setattr(frontier, "submit", _broken)
        with pytest.raises(ConnectionError):
            submit_sources(frontier, store, [source], report=Report())
    assert submit_sources(frontier, store, [source], report=Report()).queued == 2


def _broken(*_: object, **__: object) -> str:
    raise ConnectionError("away")


def test_what_cannot_be_submitted_is_told_and_the_rest_goes_on(frontier: Frontier, store: Store) -> None:
    told: list[Refusal] = []
    bad = ListedUrl("memory:2", "ftp://a.test/", {})
    report = Report(write=told.append)
    items = MemorySource(Refusal("memory:1", "is no line", "x"), bad, listed(3))
    result = submit_sources(frontier, store, [items], report=report)
    assert (result.queued, result.refused) == (1, 2)
    assert [one.place for one in told] == ["memory:1", "memory:2"]


def test_skipped_files_and_notes_are_no_submissions(frontier: Frontier, store: Store) -> None:
    told: list[Refusal | Note] = []
    report = Report(show=told.append)
    items = MemorySource(
        Note("has no header"), Skipped(Path("a.jpg"), ".jpg"), Skipped(Path("b.jpg"), ".jpg")
    )
    assert submit_sources(frontier, store, [items], report=report) == Submitted()
    assert (told, report.skipped) == ([Note("has no header")], {".jpg": 2})
    assert report.took_nothing(0)


def test_a_url_keeps_what_fits_of_its_other_columns(frontier: Frontier, store: Store) -> None:
    report = Report()
    item = ListedUrl("memory:1", "http://a.test/1", {"title": "Rain\0", "text": "x" * 5_000})
    assert submit_sources(frontier, store, [MemorySource(item)], report=report).queued == 1
    (lease,) = frontier.claim(1)
    assert lease.article.extras == {"title": "Rain"}
    assert report.shortened == 1


def test_a_document_has_its_sidecar_as_its_source(frontier: Frontier, store: Store, tmp_path: Path) -> None:
    folder, report = tmp_path / "pages", Report()
    folder.mkdir()
    (folder / "a.html").write_text("<p>x")
    (folder / "a.json").write_text('{"url": "http://a.test/1", "by": "me"}')
    submit_sources(frontier, store, [Folder(folder)], report=report)
    (lease,) = frontier.claim(1)
    assert lease.article.extras == {"url": "http://a.test/1", "by": "me"}
    assert not report.skipped


def test_a_document_whose_sidecar_cannot_be_read_is_submitted(
    frontier: Frontier, store: Store, tmp_path: Path
) -> None:
    folder, report = tmp_path / "pages", Report()
    folder.mkdir()
    (folder / "a.html").write_text("<p>x")
    (folder / "a.json").write_text("{")
    assert submit_sources(frontier, store, [Folder(folder)], report=report).queued == 1
    assert report.skipped == {"unreadable .json beside a page": 1}


def test_what_leads_out_of_the_folder_or_is_no_file_is_refused_by_name(
    frontier: Frontier, store: Store, tmp_path: Path
) -> None:
    folder, told = tmp_path / "pages", list[Refusal]()
    folder.mkdir()
    for name in ("secret.html", "secret.json"):
        (tmp_path / name).write_text('{"url": "the secret"}')
    (folder / "a.html").write_text("<p>x")
    (folder / "a.html.json").symlink_to("../secret.json")
    (folder / "b.html").write_text("<p>y")
    os.mkfifo(folder / "b.json")
    (folder / "device.html").symlink_to("/dev/zero")
    (folder / "link.html").symlink_to("../secret.html")
    (folder / "link.txt").symlink_to("../secret.html")
    os.mkfifo(folder / "pipe.txt")
    result = submit_sources(frontier, store, [Folder(folder)], report=Report(write=told.append))
    assert [(Path(one.place).name, one.reason) for one in told] == [
        ("a.html.json", "is a link that leads out of the folder"),
        ("b.json", "is a pipe and no regular file"),
        *(
            (name, "is a link that leads out of the folder")
            for name in ("device.html", "link.html", "link.txt")
        ),
        ("pipe.txt", "is a pipe and no regular file"),
    ]
    assert (result.queued, result.refused) == (2, 6)
    assert [lease.article.extras for lease in frontier.claim(9)] == [{}, {}]


class Unreadable(MemorySource):
    """A source that cannot be read."""

    def read(self, position: str | None) -> Iterator[Item]:
        del position
        raise UserError("its folder is gone")


def test_a_source_that_cannot_be_read_now_does_not_end_a_run(frontier: Frontier, store: Store) -> None:
    told = io.StringIO()
    run = LocalRun(Settings(_env_file=None), (), Terminal(file=told))  # type: ignore[call-arg]
    run._poll(frontier, store, [Unreadable(name="inbox"), MemorySource(listed(1))])
    assert frontier.snapshot().waiting == 1
    assert told.getvalue() == "inbox: its folder is gone\n"
