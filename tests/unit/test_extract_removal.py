"""An element that usually holds no article is removed, unless the article is in it (tasks/extract/reader/removal.py)."""

import pytest
from lxml.html import document_fromstring

from tasks.extract.page import read_page
from tasks.extract.reader.removal import remove_without_text

STORY = [
    "The water board said on Monday that the reservoir above the valley would be drained for the first time.",
    "Divers who looked at the dam in March found that two of the seven sluices do not close any more at all.",
    "Farmers downstream, who take a third of their water from the lake, asked for a delay until the hay is in.",
    "The village on the bottom of the lake was cleared in 1961, and its tower is seen from the road in summer.",
]
PARAGRAPHS = "".join(f"<p>{paragraph}</p>" for paragraph in STORY)
MENU = "".join(f'<li><a href="/{number}">Section number {number}</a></li>' for number in range(60))
TERMS = "".join(
    f"<p>Term number {number} is governed by the law of the country where this site is.</p>"
    for number in range(3)
)


def text_of(body: str) -> str:
    return read_page(
        f"<html><head><title>Lake</title></head><body>{body}</body></html>", "http://x.org/"
    ).text


@pytest.mark.parametrize("tag", ["nav", "aside", "footer", "button", "select", "iframe"])
def test_the_article_in_an_unclosed_element_is_kept(tag: str) -> None:
    text = text_of(f'<{tag} class="menu"><ul>{MENU}</ul><h1>Lake</h1>{PARAGRAPHS}')
    assert all(paragraph in text for paragraph in STORY)


def test_the_article_in_nested_elements_is_kept() -> None:
    text = text_of(f"<header><nav><aside><div>{PARAGRAPHS}</div></aside></nav></header>")
    assert all(paragraph in text for paragraph in STORY)


@pytest.mark.parametrize("tag", ["nav", "aside", "footer"])
def test_a_menu_longer_than_the_article_is_removed(tag: str) -> None:
    tree = document_fromstring(f"<body><{tag}><ul>{MENU}</ul></{tag}><p>{STORY[0]}</p></body>")
    remove_without_text(tree)
    assert tree.text_content() == STORY[0]


def test_prose_below_the_article_is_removed() -> None:
    tree = document_fromstring(f"<body><article>{PARAGRAPHS}</article><footer>{TERMS}</footer></body>")
    remove_without_text(tree)
    assert tree.text_content() == "".join(STORY)


def test_the_text_after_a_removed_element_stays() -> None:
    tree = document_fromstring("<body><p>before <input> after</p></body>")
    remove_without_text(tree)
    assert tree.text_content() == "before  after"
