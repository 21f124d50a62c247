"""The element that shows the headline of a page's article."""

import pytest

from tasks.extract.headline import headline_element
from tasks.extract.page import parse
from tasks.extract.statement import read_statement

TITLE = "Council votes to rebuild the pier"
NAMED = f'<title>{TITLE} | Bay Courier</title><meta property="og:site_name" content="Bay Courier">'


@pytest.mark.parametrize(
    ("head", "body", "found"),
    [
        (NAMED, f"<h1>Bay Courier</h1><h1>{TITLE}</h1>", TITLE),
        (NAMED, f"<h1>Harbour notes</h1><h2>{TITLE}</h2><h2>Gulls return</h2>", TITLE),
        (NAMED, "<h1>Council votes to rebuild</h1><h2>Votes to rebuild</h2>", "Council votes to rebuild"),
        (NAMED, "<h1> </h1><h1>Another headline</h1><h2>Gulls return</h2>", "Another headline"),
        (NAMED, "<h2>Gulls return</h2>", None),
        ("", "<p>Words</p>", None),
    ],
)
def test_the_headline_is_the_heading_that_has_most_of_the_title(
    head: str, body: str, found: str | None
) -> None:
    html = f"<html><head>{head}</head><body>{body}</body></html>"
    element = headline_element(read_statement(parse(html), "http://a.example/pier", html))
    assert (None if element is None else element.text) == found
