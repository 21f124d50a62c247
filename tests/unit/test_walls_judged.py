"""The rules of walls on pages of another hand (tests/walls_judged), and articles with the boxes that publishers put around them."""

import gzip
import json
import os
import time
from functools import cache
from pathlib import Path

import pytest

from tasks.article import Article
from tasks.errors import Rejected
from tasks.extract.stage import Extractor, extract
from tasks.walls.markup import outline
from tasks.walls.recognition import finding_of
from tests.walls_judged import judged
from tests.walls_judged.outcomes import outcome_of

DATA = Path(os.environ.get("NEWSMILL_DATA", "/nowhere"))
BOXES = {
    "paywall": "<h2>Subscribe to continue reading</h2><p>You have reached your limit of free articles. Already a subscriber? "
    'Log in to continue. Forgot your password?</p><input type="password">',
    "accept or pay": "<h2>Weiterlesen mit Werbung oder im Pur-Abo</h2><p>Besuchen Sie uns wie gewohnt mit Werbung und Tracking.</p>",
    "accept": "<h2>We value your privacy</h2><p>We and our partners use cookies and process personal data.</p>",
    "comments": "<h2>Access denied</h2><p>Comments are closed. You must be logged in. You are not authorized to comment.</p>",
    "embedded": "<h2>Page not found</h2><p>The page you are looking for does not exist. This content is no longer available.</p>",
    "widget": "<h2>Something went wrong</h2><p>An error occurred. We are having trouble loading this.</p>",
    "banner": "<h2>Scheduled maintenance</h2><p>Our website is under maintenance. Sorry for the inconvenience.</p>",
    "film": "<h2>Content not available</h2><p>This content is not available in your country.</p>",
    "newsletter": '<p>Please verify that you are human.</p><div class="g-recaptcha"></div>',
}
STORY = (
    "<p>The council of Harbor Falls voted on Monday to raise the levees along the river by half a metre.</p>"
    "<p>Work begins in May and takes two summers, the mayor said after the session.</p>"
    "<p>Owners of gardens on the bank get a new fence and a year without fees.</p>"
)
PAGE = "<html><head><title>Levees to rise by half a metre - Courier</title></head><body>{}<main><h1>{}</h1>{}{}{}</main>{}</body></html>"


@cache
def outcomes(name: str) -> list[tuple[str, str, str]]:
    return [(page.name, page.expected, outcome_of(page)[0]) for page in judged(name)]


def test_no_article_of_another_hand_is_lost() -> None:
    assert [name for name, _, found in outcomes("articles") if found != "article"] == []
    assert len(outcomes("articles")) == 60


def test_walls_of_another_hand_have_their_names() -> None:
    found = outcomes("non_pages") + outcomes("shells")
    assert len(found) == 66
    assert [name for name, expected, ending in found if ending != expected] == []


@pytest.mark.parametrize("where", range(4))
@pytest.mark.parametrize("box", BOXES)
def test_a_box_around_or_in_an_article_without_a_date_does_not_make_a_wall_of_it(
    box: str, where: int
) -> None:
    parts = ["", "", "", ""]
    parts[where] = f"<div>{BOXES[box]}</div>"
    before, inside, below, after = parts
    html = PAGE.format(before, "Levees to rise by half a metre", inside, STORY, below, after)
    text = outline(BOXES[box] + STORY).text
    assert finding_of(html, text, 400) is None
    article = Article(
        id="0a", url="https://courier.example/levees", content_type="text/html", html=html.encode()
    )
    assert "Harbor Falls" in (extract(article, extractor=Extractor()).text or "")


@pytest.mark.parametrize(
    "text",
    ["page you " * 160, "a. " * 500, "! " * 700, "\u0e01 " * 700, "your request " * 110, "\u201c" * 1400],
)
def test_a_hostile_page_is_looked_at_in_less_than_a_second(text: str) -> None:
    html = f"<title>404</title>{'<h1>404' * 9}{f'<p>{text}' * 100}<noscript>{'<div id=app>' * 9000}"
    started = time.process_time()
    finding_of(html, text, 1400)
    assert time.process_time() - started < 1  # of CPU; some 10 ms are usual


def undated(html: bytes) -> bytes:
    for mark in (b"datePublished", b"article:published_time", b"parsely-pub-date"):
        html = html.replace(mark, b"x-none")
    return html


@pytest.mark.skipif(
    not (DATA / "publishers").is_dir(), reason="NEWSMILL_DATA names no folder with publishers/"
)
@pytest.mark.parametrize("box", BOXES)
def test_no_page_of_a_publisher_without_its_date_is_lost_for_a_box(box: str) -> None:
    lost = []
    for line in (DATA / "publishers/truth.jsonl").read_text("utf-8").splitlines()[::12]:
        entry = json.loads(line)
        html = undated(gzip.decompress((DATA / "publishers/html" / entry["file"]).read_bytes()))
        start, end = html.lower().find(b"<p"), html.lower().rfind(b"</p>") + 4
        for at in (start, end, html.lower().find(b"<h1")):
            page = html[:at] + f"<div>{BOXES[box]}</div>".encode() + html[at:]
            try:
                extract(
                    Article(id="0a", url=entry["url"], content_type="text/html", html=page),
                    extractor=Extractor(),
                )
            except Rejected as rejected:
                lost.append((entry["url"], rejected.detail))
    assert lost == []
