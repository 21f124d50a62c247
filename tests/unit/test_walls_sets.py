"""Walls are recognised and articles about them are kept, on the sets of `make eval STAGE=walls`, and on pages of news sites."""

import gzip
import json
import os
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from benchmarks.stages.eval.wall_pages import ARTICLE, WallPage, wall_pages
from benchmarks.stages.eval.walls import REASONS, name_of
from tasks.article import Article, article_id
from tasks.extract.stage import Extractor, extract

DATA = Path(os.environ.get("NEWSMILL_DATA", "/nowhere"))


@cache
def named(half: str) -> list[tuple[WallPage, str]]:
    return [(page, name_of(page)[0]) for page in wall_pages(half)]


@pytest.mark.parametrize(("half", "walls", "articles"), [("choosing", 57, 64), ("judging", 54, 72)])
def test_the_sets_have_walls_and_articles_of_many_languages(half: str, walls: int, articles: int) -> None:
    pages = [page for page, _ in named(half)]
    assert sum(page.kind != ARTICLE for page in pages) == walls
    assert sum(page.kind == ARTICLE for page in pages) == articles
    assert {page.kind for page in pages} == REASONS | {ARTICLE}
    assert len({page.language for page in pages}) >= 11


@pytest.mark.parametrize("half", ["choosing", "judging"])
def test_no_article_about_walls_is_taken_for_one(half: str) -> None:
    assert [page.name for page, name in named(half) if page.kind == ARTICLE and name != ARTICLE] == []


def test_of_the_half_that_no_rule_was_chosen_on_nine_in_ten_walls_get_their_right_name() -> None:
    walls = [(page, name) for page, name in named("judging") if page.kind != ARTICLE]
    assert sum(name == page.kind for page, name in walls) / len(walls) >= 0.98


def test_all_walls_of_the_half_that_rules_were_chosen_on_get_their_right_name() -> None:
    walls = [(page, name) for page, name in named("choosing") if page.kind != ARTICLE]
    assert [page.name for page, name in walls if name != page.kind] == []


def pages_of_news_sites() -> Iterator[tuple[str, bytes]]:
    """Yield the URLs and the pages of the article-extraction-benchmark and of the publishers."""
    for id_, entry in json.loads((DATA / "pages/ground-truth.json").read_text("utf-8")).items():
        yield entry["url"], gzip.decompress((DATA / f"pages/html/{id_}.html.gz").read_bytes())
    for line in (DATA / "publishers/truth.jsonl").read_text("utf-8").splitlines():
        entry = json.loads(line)
        yield entry["url"], gzip.decompress((DATA / "publishers/html" / entry["file"]).read_bytes())


@pytest.mark.skipif(not (DATA / "pages").is_dir(), reason="NEWSMILL_DATA names no folder with pages/")
def test_no_article_of_304_pages_of_news_sites_is_lost() -> None:
    for url, html in pages_of_news_sites():
        extract(Article(id=article_id(url), url=url, html=html), extractor=Extractor())
