"""What belongs to a sentence stays in it, and what a reader does not see goes (tasks/extract/reader/sentences.py)."""

import pytest

from tasks.extract.page import read_page

STORY = "".join(
    f"<p>Paragraph {number} tells what was said about the dam, the lake and the village below.</p>"
    for number in range(12)
)


def text_with(paragraph: str) -> str:
    html = f"<html><head><title>Lake</title></head><body><article>{STORY}<p>{paragraph}</p>{STORY}</article></body></html>"
    return read_page(html, "http://x.org/").text


@pytest.mark.parametrize(
    ("paragraph", "shown"),
    [
        (
            "It opens on <time>3 May</time>, two days before the fair.",
            "It opens on 3 May, two days before the fair.",
        ),
        (
            "<time>On Tuesday</time> the board met in the hall of the new village.",
            "On Tuesday the board met in the hall",
        ),
        ("They call that <label>low water</label> in reports.", "They call that low water in reports."),
        ("The gauge of the dam stood at <output>14.2</output>.", "The gauge of the dam stood at 14.2."),
        (
            "It is <math><mi>a</mi> <mo>=</mo> <mn>12</mn></math> hectares large.",
            "It is a=12 hectares large.",
        ),
        ("The <b>EWB<span role='tooltip'>Water Board</span></b> pays.", "The EWB pays."),
        ("The <span>EWB<span class='tooltiptext'>Water Board</span></span> pays.", "The EWB pays."),
        (
            "The <a href='/'>report<span class='sr-only'> (new window)</span></a> is long.",
            "The report is long.",
        ),
        ("In <ruby>八王子<rp>(</rp><rt>はちおうじ</rt><rp>)</rp></ruby> it rained.", "In 八王子 it rained."),
    ],
)
def test_a_sentence_is_whole(paragraph: str, shown: str) -> None:
    assert shown in text_with(paragraph)


def test_the_time_of_publication_is_no_sentence() -> None:
    assert "1 May 2024" not in text_with("Published <time>1 May 2024</time>")


def test_joiners_stay_within_words() -> None:
    assert "می\u200cشود 👨\u200d👩\u200d👧" in text_with("سه‌شنبه بازسازی می\u200cشود 👨\u200d👩\u200d👧")


def test_the_title_keeps_its_joiners() -> None:
    html = (
        f"<html><head><title>بازسازی می\u200cشود</title></head><body><article>{STORY}</article></body></html>"
    )
    assert read_page(html, "http://x.org/").title == "بازسازی می\u200cشود"
