"""Texts that only JSON-LD has: bodies with paragraphs, updates of live blogs (tasks/extract/reader/stated_bodies.py)."""

import json

import pytest

from tasks.extract.page import parse, read_page
from tasks.extract.reader.stated_bodies import live_updates, with_paragraphs

STORY = [
    f"Paragraph {number} tells what was said about the dam, the lake and the village below."
    for number in range(12)
]


def page(data: object) -> str:
    script = f'<script type="application/ld+json">{json.dumps(data)}</script>'
    return f'<html><head><title>Lake</title>{script}</head><body><div id="root"></div></body></html>'


@pytest.mark.parametrize(
    "body",
    ["\n\n".join(STORY), "".join(f"<p>{one}</p>" for one in STORY), "".join(STORY), "  ".join(STORY)],
    ids=["lines", "HTML", "glued", "spaces"],
)
def test_a_body_in_json_ld_has_its_paragraphs(body: str) -> None:
    assert read_page(page({"@type": "NewsArticle", "articleBody": body}), "http://x.org/").text == "\n".join(
        STORY
    )


def test_a_text_that_is_not_the_body_stays() -> None:
    assert with_paragraphs("Another text.", parse(page({"articleBody": "\n".join(STORY)}))) == "Another text."


def test_updates_come_in_order_of_time() -> None:
    updates = [
        {"headline": f"Update {number}", "datePublished": f"2024-05-0{number}", "articleBody": STORY[number]}
        for number in (3, 1, 2)
    ]
    text = read_page(
        page({"@graph": [{"@type": "LiveBlogPosting", "liveBlogUpdate": updates}]}), "http://x.org/"
    ).text
    assert text == "\n".join(f"Update {number}\n{STORY[number]}" for number in (1, 2, 3))


@pytest.mark.parametrize(
    "updates", [None, 3, "x", [None, 1, []], [{"articleBody": 3, "headline": []}], {"a": 1}]
)
def test_updates_of_a_wrong_type_are_none(updates: object) -> None:
    assert live_updates(parse(page({"liveBlogUpdate": updates}))) == ""


def test_json_that_is_too_deep_is_none() -> None:
    html = f'<html><body><script type="application/ld+json">{"[" * 100_000}"liveBlogUpdate"</script></body></html>'
    assert live_updates(parse(html)) == ""
