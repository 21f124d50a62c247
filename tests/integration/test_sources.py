"""A source that keeps its place: what was read once is not read again, and a crash loses nothing."""

import io
from collections.abc import Callable, Iterator

import pytest

from workers.errors import UserError
from workers.ledger.frontier import Frontier
from workers.local.run import LocalRun
from workers.output.terminal import Terminal
from workers.settings import Settings
from workers.sources.memory import MemorySource
from workers.sources.source import Item, ListedUrl, Refusal
from workers.sources.submit import submit_sources
from workers.store.store import Store


def listed(number: int) -> ListedUrl:
    return ListedUrl(f"memory:{number}", f"http://a.test/{number}", {})


@pytest.fixture
def frontier(make_frontier: Callable[..., Frontier]) -> Frontier:
    return make_frontier()


def test_a_second_reading_begins_where_the_first_one_ended(frontier: Frontier, store: Store) -> None:
    source = MemorySource(listed(1), listed(2))
    assert submit_sources(frontier, store, [source], refuse=print).queued == 2
    source.items.append(listed(3))
    again = submit_sources(frontier, store, [source], refuse=print)
    assert (again.queued, again.total) == (1, 1)


def test_another_process_begins_there_too_and_another_source_at_its_beginning(
    frontier: Frontier, store: Store
) -> None:
    submit_sources(frontier, store, [MemorySource(listed(1), name="one")], refuse=print)
    assert submit_sources(frontier, store, [MemorySource(listed(1), name="one")], refuse=print).total == 0
    assert (
        submit_sources(frontier, store, [MemorySource(listed(1), name="two")], refuse=print).in_progress == 1
    )


def test_the_place_is_kept_only_once_all_is_submitted(
    frontier: Frontier, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = MemorySource(listed(1), listed(2))
    with monkeypatch.context() as patch:
        patch.setattr(frontier, "submit", _broken)
        with pytest.raises(ConnectionError):
            submit_sources(frontier, store, [source], refuse=print)
    assert submit_sources(frontier, store, [source], refuse=print).queued == 2


def _broken(*_: object, **__: object) -> str:
    raise ConnectionError("away")


def test_what_cannot_be_submitted_is_told_and_the_rest_goes_on(frontier: Frontier, store: Store) -> None:
    told: list[Refusal] = []
    bad = ListedUrl("memory:2", "ftp://a.test/", {})
    result = submit_sources(
        frontier,
        store,
        [MemorySource(Refusal("memory:1", "is not UTF-8", "x"), bad, listed(3))],
        refuse=told.append,
    )
    assert (result.queued, result.refused) == (1, 2)
    assert [one.place for one in told] == ["memory:1", "memory:2"]


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
