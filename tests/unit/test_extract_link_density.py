import gzip
import os
from pathlib import Path

import pytest

from seeds.demo.pages import front_page
from seeds.demo.sites import load_sites
from tasks.article import Article
from tasks.errors import Reason, Rejected
from tasks.extract.stage import Extractor, extract

_EXTRACTOR = Extractor()


def _extract(html: bytes) -> Article:
    article = Article(id="0" * 31 + "1", url="http://site.example/", html=html, content_type="text/html")
    return extract(article, extractor=_EXTRACTOR)


@pytest.mark.parametrize("host", sorted(load_sites()))
def test_a_front_page_is_no_article(host: str) -> None:
    with pytest.raises(Rejected) as rejected:
        _extract(front_page(load_sites()[host], 8088))
    assert rejected.value.reason is Reason.NO_ARTICLE


def test_a_short_story_with_a_list_of_links_below_it_is_an_article() -> None:
    story = "".join(
        f"<p>The harbour council voted {when} to keep the night ferry for another year, {votes}.</p>"
        for when, votes in (
            ("on Tuesday", "nine to four"),
            ("a year ago", "eight to five"),
            ("in 2019", "seven to six"),
        )
    )
    links = "".join(f'<li><a href="/{n}">Another headline of the day, number {n}</a></li>' for n in range(3))
    article = _extract(f"<article><h1>Ferry stays</h1>{story}<ul>{links}</ul></article>".encode())
    assert "harbour council" in (article.text or "")


@pytest.mark.skipif("NEWSMILL_DATA" not in os.environ, reason="needs the pages of NEWSMILL_DATA")
def test_no_real_article_is_taken_for_links() -> None:
    for page in sorted((Path(os.environ["NEWSMILL_DATA"]) / "pages" / "html").glob("*.html.gz")):
        _extract(gzip.decompress(page.read_bytes()))
