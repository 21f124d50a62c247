"""Text that stands in a block beside other blocks, in no paragraph, is read where it stands; and no control character costs text."""

import time

import pytest

from tasks.extract.page import read_page

SENTENCES = [
    "The council of Harrowgate Bay voted on Tuesday to rebuild the old ferry pier, ending four years of argument.",
    "Engineers had warned in the spring that the timber piles below the waterline were hollow and might break.",
    "Under the plan, the harbour authority will lend the town eleven million pounds, to be paid back from fees.",
    "Residents who crowded into the hall were divided, with shopkeepers cheering the decision of the council.",
    "Work is due to begin after the seabird nesting season, and ferries will use a floating landing stage.",
]


def text_of(body: str) -> str:
    filled = body.format(*SENTENCES)
    return read_page(
        f"<html><head><title>T</title></head><body><h1>Pier</h1>{filled}</body></html>", "http://a.test/a"
    ).text


@pytest.mark.parametrize(
    "body",
    [
        "<div><p>{0}</p><p>{1}</p><div>{2}<p>{3}</p></div><p>{4}</p></div>",
        "<div><p>{0}<p>{1}<div>{2}<p>{3}</div><p>{4}</p></div>",
        "<div><p>{0}</p><p>{1}</p><div>{2}<blockquote>{3}</blockquote></div><p>{4}</p></div>",
        "<div>{0}<p>{1}</p><p>{2}</p><p>{3}</p><p>{4}</p></div>",
        "<article><p>{0}</p><section>{1}<p>{2}</p></section><p>{3}</p><p>{4}</p></article>",
        "<div><p>{0}</p><p>{1}</p><div> <b></b>{2}<p>{3}</p></div><p>{4}</p></div>",
        "<div><p>{0}</p><center>{1}<p>{2}</p></center><p>{3}</p><p>{4}</p></div>",
        "<div class=a><b><i><p>{0}<p>{1}<div>{2}</b></i><p>{3}</div></p></p><p>{4}</span></td></p></div>",
    ],
)
def test_text_before_the_blocks_of_a_block_is_a_paragraph_in_its_place(body: str) -> None:
    assert text_of(body).split("\n")[-5:] == SENTENCES


@pytest.mark.parametrize(
    "bare",
    [
        "New Delhi, News Nation Bureau | Updated : 19 November 2019, 09:01 AM IST",
        "<a href=b>{2}</a>",
        "Share",
    ],
)
def test_a_dateline_a_link_and_a_label_are_none(bare: str) -> None:
    body = "<div><p>{0}</p><p>{1}</p><div>" + bare + "<p>{3}</p></div><p>{4}</p></div>"
    assert text_of(body).split("\n") == [SENTENCES[0], SENTENCES[1], SENTENCES[3], SENTENCES[4]]


@pytest.mark.parametrize(
    "character",
    [
        "\0",
        "\x01",
        "\x1f",
        "\x7f",
        "\ufffe",
        "\uffff",
        "\ufdd0",
        "&#0;",
        "&#1;",
        "&#xD800;",
        "&#xFFFE;",
        "&#xDFFF;",
    ],
)
def test_a_control_character_inside_a_word_costs_neither_text_nor_the_word(character: str) -> None:
    body = "<div><p>{0}</p><p>{1}</p><p>{2}</p><p>{3}</p><p>{4}</p></div>"
    assert text_of(
        body.replace("{1}", "{1}" + character).replace("</p><p>{3}", character + "</p><p>{3}")
    ) == "\n".join(SENTENCES)


@pytest.mark.parametrize(
    "part", ["<div>" + SENTENCES[0], "<div>" + SENTENCES[0] + "<p>", SENTENCES[0] + "<b>a</b>"]
)
def test_a_hostile_page_takes_little_time(part: str) -> None:
    start = time.process_time()
    read_page("<body><div>" + part * 3_000, "http://a.test/a")
    assert time.process_time() - start < 10


@pytest.mark.parametrize("last", ["{4}", "<p>{4}</p>"])
def test_lines_with_empty_blocks_between_them_all_stay(last: str) -> None:
    space = '<br><div class="space"></div>'
    text = text_of(
        f"<article><div class=news>{space.join(['{0}', '{1}', '{2}', '{3}', last])}</div></article>"
    )
    assert [one for one in SENTENCES if one not in text] == []
