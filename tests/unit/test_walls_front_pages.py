"""An address that leads to the front page of its site is a soft 404."""

import pytest

from tasks.errors import Reason
from tasks.walls.front_pages import front_page_instead

LINKS = "".join(f'<a href="/{number}">A headline</a>' for number in range(60))
DATED = '<meta property="article:published_time" content="2025-06-12">'


@pytest.mark.parametrize(
    ("asked", "final"),
    [
        ("https://www.a.test/2019/05/old-story", "https://www.a.test/"),
        ("http://a.test/old-story.html", "https://www.a.test/index.html"),
        ("https://m.a.test/de/politik/alt-12.html", "https://www.a.test/de/"),
        ("https://a.test/story?id=12", "https://a.test"),
    ],
)
def test_an_address_that_leads_to_the_front_page_is_a_soft_404(asked: str, final: str) -> None:
    finding = front_page_instead(asked, final, LINKS)
    assert finding is not None
    assert finding.reason is Reason.SOFT_404
    assert final in finding.detail


@pytest.mark.parametrize(
    ("asked", "final", "html"),
    [
        ("https://a.test/", "https://a.test/", LINKS),
        ("https://a.test/", "https://www.a.test/en/", LINKS),
        ("https://a.test/index.php", "https://a.test/", LINKS),
        ("https://short.test/x1", "https://story.test/", LINKS),
        ("https://a.test/old", "https://a.test/new-story", LINKS),
        ("https://a.test/old", "https://a.test/?p=12", LINKS),
        ("https://a.test/old", "https://a.test/", DATED + LINKS),
        ("https://a.test/old", "https://a.test/", LINKS[:600]),
        ("file:///a/old.html", "file:///", LINKS),
    ],
    ids=["asked for", "edition", "index", "other site", "moved", "query", "dated", "few links", "document"],
)
def test_other_pages_are_none(asked: str, final: str, html: str) -> None:
    assert front_page_instead(asked, final, html) is None
