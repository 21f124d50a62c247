"""The headline without the site's name."""

import pytest

from tasks.extract.titles import clean_title

URL = "https://www.tribune-daily.example/2025/04/story.html"


@pytest.mark.parametrize(
    ("title", "headline"),
    [
        ("Council votes on budget - Tribune Daily", "Council votes on budget"),
        ("Council votes on budget | Politics | Tribune Daily", "Council votes on budget | Politics"),
        ("Council votes on budget | Tribune Daily | Tribune", "Council votes on budget"),
        ("Council votes on budget — tribune-daily.example", "Council votes on budget"),
        ("Tribune Daily: Council votes on budget", "Tribune Daily: Council votes on budget"),
        ("Tribune Daily | Council votes on budget", "Council votes on budget"),
        ("Budget - the council votes", "Budget - the council votes"),
        ("Tribune Daily", "Tribune Daily"),
        ("A well-known Tribune Daily reporter", "A well-known Tribune Daily reporter"),
        ("  Council\nvotes  ", "Council votes"),
    ],
)
def test_the_name_of_the_site_goes_and_nothing_else(title: str, headline: str) -> None:
    assert clean_title(title, headings=(), site="Tribune Daily", url=URL) == headline


def test_what_follows_the_pages_own_heading_goes() -> None:
    title = "Kim and Putin may meet. What do they need from each other? -TradeCircle"
    heading = "Kim and Putin may meet.\n What do they need from each other?"
    assert clean_title(title, headings=["Menu", heading], site=None, url=URL) == " ".join(heading.split())


@pytest.mark.parametrize("title", [None, ""])
def test_no_title_stays_none(title: str | None) -> None:
    assert clean_title(title, headings=["A heading"], site=None, url=URL) is None
