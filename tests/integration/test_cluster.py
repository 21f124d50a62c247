"""`newsmill cluster`: who came first, and what is the same or nearly so, out of the rows."""

import pytest
from rich.console import Console

from tasks.article import Article, Outcome, article_id
from tasks.url_keys import packaged_keys
from workers.cli.tables import cluster_list
from workers.errors import UserError
from workers.inspect.cluster import Member, cluster_of
from workers.store.rows import Result
from workers.store.store import Store

FIRST, NEAR, COPY = "http://a.test/first", "http://b.test/near", "http://c.test/copy"
COPY_OF_NEAR, OTHER = "http://d.test/copy", "http://e.test/other"


def write(store: Store, url: str, at: float, **links: object) -> None:
    outcome = Outcome.DUPLICATE if "duplicate_of" in links else Outcome.ENRICHED
    article = Article(id=article_id(url), url=url, title=f"Title of {url}", token=1, submitted_at=1, **links)  # type: ignore[arg-type]
    store.write(article, "x.test", Result(outcome=outcome, stage="dedupe", settled_at=at))


@pytest.fixture
def cluster(store: Store) -> Store:
    """A store with a story in four places, and another story."""
    write(store, FIRST, 1)
    write(store, COPY, 2, duplicate_of=FIRST)
    write(store, NEAR, 3, near_duplicate_of=FIRST, near_score=0.87)
    write(store, COPY_OF_NEAR, 4, duplicate_of=NEAR)
    write(store, OTHER, 5)
    return store


@pytest.mark.parametrize("asked", [FIRST, NEAR, COPY, COPY_OF_NEAR, article_id(NEAR)])
def test_a_cluster_is_the_same_whichever_of_its_articles_is_named(cluster: Store, asked: str) -> None:
    told = [
        (one.url, one.kind, one.copy_of, one.score) for one in cluster_of(cluster, asked, packaged_keys())
    ]
    assert told == [
        (FIRST, "original", None, None),
        (COPY, "exact", FIRST, 1.0),
        (NEAR, "near", FIRST, 0.87),
        (COPY_OF_NEAR, "exact", NEAR, 1.0),
    ]


def test_a_story_without_copies_is_a_cluster_of_one(cluster: Store) -> None:
    settled = "1970-01-01T00:00:05.000Z"
    assert cluster_of(cluster, OTHER, packaged_keys()) == [
        Member(OTHER, "original", None, None, f"Title of {OTHER}", settled)
    ]


def test_what_is_not_settled_has_no_cluster(cluster: Store) -> None:
    assert cluster_of(cluster, "http://nobody.test/", packaged_keys()) == []
    with pytest.raises(UserError):
        cluster_of(cluster, "what is this", packaged_keys())


def test_an_original_without_a_row_is_named_all_the_same(store: Store) -> None:
    write(store, COPY, 1, duplicate_of=FIRST)
    assert [(one.url, one.title) for one in cluster_of(store, COPY, packaged_keys())] == [
        (FIRST, None),
        (COPY, f"Title of {COPY}"),
    ]


def test_links_in_a_circle_end(store: Store) -> None:
    # Over several Redis servers two articles that come at once could, in theory, name each other.
    write(store, FIRST, 1, near_duplicate_of=NEAR, near_score=0.9)
    write(store, NEAR, 2, near_duplicate_of=FIRST, near_score=0.9)
    assert {one.url for one in cluster_of(store, FIRST, packaged_keys())} == {FIRST, NEAR}


@pytest.mark.parametrize("width", [40, 80, 120])
def test_the_list_says_of_what_a_copy_is_one_where_that_is_no_original(cluster: Store, width: int) -> None:
    console = Console(width=width)
    with console.capture() as captured:
        console.print(cluster_list(cluster_of(cluster, FIRST, packaged_keys())), crop=False)
    lines = [line.strip() for line in captured.get().splitlines()]
    assert lines.count("a copy of") == 1
    assert lines[lines.index("a copy of") + 1] == NEAR
    assert COPY_OF_NEAR in lines[lines.index("a copy of") - 2 :]
    assert any(line.startswith("near 0.87  ") for line in lines)
