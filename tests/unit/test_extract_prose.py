"""What a text is judged by without knowing the true one (tasks/extract/reader/prose.py)."""

# ruff: noqa: RUF001 - punctuation of Chinese

import json

from lxml.html import HtmlElement, document_fromstring

from tasks.extract.page import read_page
from tasks.extract.reader.prose import Evidence, prose_in

STORY = [
    f"Paragraph {number} tells what was said about the dam, the lake and the village that lies below."
    for number in range(20)
]
LABELS = "\n".join(f"Label number {number}" for number in range(100))


def page(*, head: str = "", links: str = "") -> HtmlElement:
    paragraphs = "".join(f"<p>{paragraph}</p>" for paragraph in STORY)
    return document_fromstring(f"<html><head>{head}</head><body>{links}{paragraphs}</body></html>")


def test_prose_is_as_long_as_a_sentence_and_no_link() -> None:
    tree = page(links=f'<a href="/">{STORY[0]}</a><p>Short</p>')
    assert prose_in(tree) == STORY


def test_prose_of_han_is_counted_by_what_it_says() -> None:
    sentence = "工程将在海鸟筑巢季节之后开始，在此之前渡轮使用浮动码头。"
    assert prose_in(document_fromstring(f"<p>{sentence}</p>")) == [sentence]


def test_the_story_is_believed() -> None:
    assert Evidence(page()).believes("\n".join(STORY))


def test_a_menu_is_not_believed() -> None:
    assert not Evidence(page()).believes(LABELS)


def test_the_story_among_a_long_menu_is_not_believed() -> None:
    assert not Evidence(page()).believes("\n".join(STORY[:3]) + LABELS)


def test_a_small_part_of_the_prose_is_not_believed() -> None:
    assert not Evidence(page()).believes(STORY[0])


def test_a_text_without_the_words_of_the_stated_body_is_not_believed() -> None:
    body = json.dumps({"articleBody": " ".join(f"word{number}" for number in range(100))})
    tree = page(head=f'<script type="application/ld+json">{body}</script>')
    assert not Evidence(tree).believes("\n".join(STORY))


def test_a_stated_body_that_is_no_string_does_not_matter() -> None:
    body = json.dumps({"articleBody": [" ".join(f"word{number}" for number in range(100)), 7]})
    tree = page(head=f'<script type="application/ld+json">{body}</script>')
    assert Evidence(tree).believes("\n".join(STORY))


def test_of_two_texts_the_one_with_the_prose_is_preferred() -> None:
    evidence = Evidence(page())
    assert evidence.prefers("\n".join(STORY), LABELS)
    assert not evidence.prefers(LABELS, "\n".join(STORY))


def test_the_story_is_found_beside_a_container_of_links_named_as_the_content() -> None:
    menu = "".join(
        f'<li><a href="/{number}">Headline {number} of a story that happened elsewhere</a></li>'
        for number in range(60)
    )
    paragraphs = "".join(f"<p>{paragraph}</p>" for paragraph in STORY)
    html = f'<html><body><section class="post-content"><ul>{menu}</ul></section><div>{paragraphs}</div></body></html>'
    assert STORY[7] in read_page(html, "http://x.org/").text


def test_a_short_text_that_is_all_the_prose_of_the_page_is_sure() -> None:
    tree = document_fromstring("".join(f"<p>{paragraph}</p>" for paragraph in STORY[:5]))
    assert Evidence(tree).is_sure_of("\n".join(STORY[:5]))
    assert not Evidence(tree).is_sure_of("\n".join(STORY[:3]))
    assert not Evidence(tree).is_sure_of("\n".join(STORY[:5]) + LABELS)
