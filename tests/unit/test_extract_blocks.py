"""Paragraphs, lists, tables and cards as a reader sees them (tasks/extract/reader/blocks.py, lines.py)."""

# ruff: noqa: RUF001 - punctuation of Chinese

import pytest

from tasks.extract.page import read_page
from tasks.extract.reader.lines import join_lines

STORY = [
    f"Paragraph {number} tells what was said about the dam, the lake and the village that lies below."
    for number in range(12)
]
PARAGRAPHS = "".join(f"<p>{paragraph}</p>" for paragraph in STORY)
MENU = '<a href="/">Home</a><br><a href="/letters">Letters</a>'


def text_of(body: str) -> str:
    return read_page(
        f"<html><head><title>Lake</title></head><body>{body}</body></html>", "http://x.org/"
    ).text


@pytest.mark.parametrize(
    "story",
    [PARAGRAPHS, "<p>" + "<p>".join(STORY), "<br><br>".join(STORY), f"<font>{PARAGRAPHS}</font>"],
    ids=["closed", "unclosed", "breaks", "font"],
)
def test_a_layout_table_is_taken_apart(story: str) -> None:
    text = text_of(f"<table><tr><td>{MENU}</td><td><h1>Lake</h1>{story}</td></tr></table>")
    assert "\n".join(STORY) in text
    assert "Letters" not in text


def test_a_table_of_figures_stays_one() -> None:
    text = text_of(
        f"<article>{PARAGRAPHS}<table><tr><td><p>Upper</p></td><td><p>31</p></td></tr></table></article>"
    )
    assert "Upper | 31" in text


def test_sentences_in_spans_without_a_space_are_paragraphs() -> None:
    text = text_of(f"<div>{''.join(f'<span>{paragraph}</span>' for paragraph in STORY)}</div>")
    assert "\n".join(STORY) in text


def test_a_sentence_that_is_a_link_stays_between_paragraphs() -> None:
    sentence = "On Friday three members of the board denied that they had seen the report of the divers before the vote."
    text = text_of(
        f'<article>{PARAGRAPHS}<div><p><a href="/x">{sentence}</a></p></div>{PARAGRAPHS}</article>'
    )
    assert sentence in text


def test_a_list_right_under_the_body_stays_between_paragraphs() -> None:
    text = text_of(f"{PARAGRAPHS}<ol><li>Open the sluice.</li><li>Wait for the divers.</li></ol>{PARAGRAPHS}")
    assert "- Open the sluice.\n- Wait for the divers." in text


def card(number: int, link: str = "/story") -> str:
    return f'<article><h3><a href="{link}{number}">Card {number}</a></h3><p>A line of card {number} that wants to be clicked by all who read.</p></article>'


def test_teaser_cards_go() -> None:
    assert "card 3" not in text_of(f"<div><h1>Lake</h1>{PARAGRAPHS}</div>{''.join(map(card, range(6)))}")


def test_many_cards_beside_the_story_go() -> None:
    assert "card 3" not in text_of(f"<main><h1>Lake</h1>{PARAGRAPHS}</main>{''.join(map(card, range(40)))}")


def test_updates_of_a_live_blog_are_no_cards() -> None:
    text = text_of(f"<main><h1>Lake</h1>{''.join(card(number, '#update') for number in range(12))}</main>")
    assert "A line of card 3" in text


def test_a_source_line_is_no_space_between_han() -> None:
    assert join_lines("<p>旧渡口码头，\n  结束了</p>") == "<p>旧渡口码头，结束了</p>"


@pytest.mark.parametrize(
    "markup", ["<pre>码头\n结束</pre>", "<p>码头\nferry</p>", "<p>부두\n재건</p>", "<p>码头。\n　结束</p>"]
)
def test_other_line_breaks_stay(markup: str) -> None:
    assert join_lines(markup) == markup
