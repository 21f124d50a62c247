"""Which article owns a content, and which contents are the same, or nearly so."""

# ruff: noqa: RUF001 - typography and scripts as pages have them

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasks.article import Article, Outcome, article_id
from tasks.dedupe.minhash import (
    BAND_BYTES,
    BANDS,
    MAX_CHARACTERS,
    NEAR,
    SKETCH_ROWS,
    VERSION,
    Signature,
    signature,
    similar,
)
from tasks.dedupe.stage import MemoryContentIndex, dedupe
from tasks.dedupe.text import content_id, normalise

TEXT = "The council voted on Monday, 3 to 2."
STORY = (
    "The harbour council voted on Monday to close the old fish market for two years. Traders have until March to move "
    "their stalls to a hall behind the station, which the town rents for 18,000 a month. The building of 1911 needs a "
    "new roof, and its floor has sunk by eleven centimetres since a survey in the spring. Two members abstained, and "
    "one asked for the files of the earlier repair, which cost three times what had been planned and took four years."
)
OTHER = (
    "A night train between the two capitals returns after nine years, the railway said. It leaves at ten in the "
    "evening with six sleeping cars, arrives at half past eight, and costs from 59 in a shared compartment. Tickets "
    "go on sale in the first week of next month. Passengers' groups had asked for it since the line was closed, and "
    "collected a quarter of a million signatures; the ministry pays the track fees until enough people use it again."
)
BOILERPLATE = (
    "Subscribe to our newsletter for the stories of the day. All rights reserved; no part of this page may be copied "
    "without leave. Comments are closed after two days. Our editors can be reached by post and by telephone."
)
SPACELESS = {
    "zh": "市议会周一决定关闭旧鱼市场两年。商贩必须在三月之前把摊位搬到车站后面的大厅,该市每月租金一万八千元。这座建于一九一一年的"
    "建筑需要新的屋顶,自春季调查以来地板已经下沉了十一厘米。两名成员弃权,一名成员要求查看早先维修的档案,那次维修的费用是计划的三倍。",
    "th": "สภาเมืองท่าเรือลงมติเมื่อวันจันทร์ให้ปิดตลาดปลาเก่าเป็นเวลาสองปี พ่อค้าแม่ค้ามีเวลาถึงเดือนมีนาคมเพื่อย้ายแผงไปยังอาคารหลังสถานี "
    "ซึ่งเมืองเช่าในราคาเดือนละหนึ่งหมื่นแปดพัน อาคารที่สร้างในปี ๑๙๑๑ ต้องการหลังคาใหม่ และพื้นทรุดลงสิบเอ็ดเซนติเมตรตั้งแต่การสำรวจในฤดูใบไม้ผลิ",
}


def article(name: str, text: str | None = TEXT) -> Article:
    url = f"https://{name}.example/"
    return Article(id=article_id(url), url=url, text=text)


def reworded(text: str) -> str:
    """Return `text` with each twelfth word replaced."""
    return " ".join("another" if number % 12 == 5 else word for number, word in enumerate(text.split()))


def test_the_first_article_owns_its_content() -> None:
    first = dedupe(article("first"), contents=MemoryContentIndex())
    assert first == article("first").evolve(content_id=content_id(TEXT), deduper=VERSION)


def test_a_later_one_is_its_duplicate() -> None:
    contents = MemoryContentIndex()
    dedupe(article("first"), contents=contents)
    later = dedupe(article("later", TEXT.upper()), contents=contents)
    assert later.duplicate_of == "https://first.example/"
    assert later.outcome is Outcome.DUPLICATE
    assert later.near_duplicate_of is None


def test_a_near_duplicate_keeps_its_text_and_goes_on_with_a_link_and_a_score() -> None:
    contents = MemoryContentIndex()
    dedupe(article("first", STORY), contents=contents)
    later = dedupe(article("later", reworded(STORY)), contents=contents)
    assert (later.outcome, later.duplicate_of) == (None, None)
    assert later.text == reworded(STORY)
    assert later.near_duplicate_of == "https://first.example/"
    assert later.near_score == round(similar(signature(STORY), signature(reworded(STORY))), 2)


def test_the_very_copy_of_a_near_duplicate_is_that_one_s_duplicate() -> None:
    contents = MemoryContentIndex()
    for name, text in (("first", STORY), ("near", reworded(STORY))):
        dedupe(article(name, text), contents=contents)
    copy = dedupe(article("copy", reworded(STORY)), contents=contents)
    assert (copy.outcome, copy.duplicate_of) == (Outcome.DUPLICATE, "https://near.example/")


def test_what_is_near_a_near_duplicate_only_is_an_original() -> None:
    contents = MemoryContentIndex()
    texts = [STORY, f"{STORY} {OTHER}", OTHER]
    first, both, other = (dedupe(article(f"a{at}", text), contents=contents) for at, text in enumerate(texts))
    assert first.near_duplicate_of is None
    assert both.near_duplicate_of == first.url
    assert other.near_duplicate_of is None


def test_a_redelivery_gets_the_answer_it_got_before() -> None:
    contents = MemoryContentIndex()
    articles = [article("first", STORY), article("near", reworded(STORY)), article("copy", STORY)]
    answers = [dedupe(one, contents=contents) for one in articles * 2]
    assert answers[:3] == answers[3:]


def test_another_content_has_another_owner() -> None:
    contents = MemoryContentIndex()
    dedupe(article("first"), contents=contents)
    assert dedupe(article("later", "Another story."), contents=contents).outcome is None


def test_of_many_at_once_one_owns_the_content() -> None:
    contents = MemoryContentIndex()
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda number: dedupe(article(f"a{number}"), contents=contents), range(64)))
    owners = [answer for answer in answers if answer.duplicate_of is None]
    assert len(owners) == 1
    assert {answer.duplicate_of for answer in answers} == {None, owners[0].url}


@pytest.mark.parametrize(
    ("text", "same"),
    [
        ("  The\u00a0COUNCIL — “voted”.\n", "the council voted"),
        ("ﬁrst １２ Straße", "first 12 strasse"),
        ("snake_case don't", "snake case don t"),
        ("On 3 May: 1,204", "on 3 may 1 204"),
        ("\u0130stanbul", "i\u0307stanbul"),
        ("", ""),
        ("?!", ""),
    ],
)
def test_a_text_is_reduced_to_its_words(text: str, same: str) -> None:
    assert normalise(text) == normalise(same)


@pytest.mark.parametrize("word", ["हिन्दी", "ภาษาไทย", "العَرَبِيَّة", "தமிழ்"])
def test_a_word_keeps_its_vowel_signs(word: str) -> None:
    assert len(normalise(word).split()) == 1


@given(st.text(st.characters(max_codepoint=127)))
def test_the_short_way_for_ascii_is_the_long_one(text: str) -> None:
    assert normalise(text) == normalise(f"{text} é").removesuffix("é").strip()


def test_digits_tell_texts_apart() -> None:
    assert content_id("Balance: 1,204") != content_id("Balance: 1,205")


def test_a_content_id_is_16_bytes_in_hex() -> None:
    assert len(bytes.fromhex(content_id(TEXT))) == 16


@given(st.text())
def test_normalising_twice_changes_nothing(text: str) -> None:
    assert normalise(normalise(text)) == normalise(text)


def score(a: str, b: str) -> float:
    return similar(signature(a), signature(b))


def test_the_same_words_are_the_same_whatever_their_typography() -> None:
    assert score(STORY, STORY.upper().replace(" ", " \n")) == 1


@pytest.mark.parametrize(
    "edited",
    [
        reworded(STORY),
        STORY[len(STORY) // 3 :],
        f"{BOILERPLATE} {STORY}",
        f"By our reporter. {STORY[:-60]}",
        STORY.replace("e", "c", 12),
    ],
    ids=["reworded", "cut", "boilerplate", "byline", "misread"],
)
def test_an_edited_story_is_a_near_duplicate(edited: str) -> None:
    assert NEAR <= score(STORY, edited) < 1


@pytest.mark.parametrize("language", SPACELESS)
def test_so_it_is_in_scripts_without_spaces(language: str) -> None:
    text = SPACELESS[language]
    assert NEAR <= score(text, text[: -len(text) // 12]) < 1
    assert score(text, SPACELESS["th" if language == "zh" else "zh"]) == 0


def test_two_stories_of_one_site_are_not() -> None:
    assert score(f"{STORY} {BOILERPLATE}", f"{OTHER} {BOILERPLATE}") < NEAR


def test_a_score_is_the_same_from_both_sides() -> None:
    assert score(STORY, reworded(STORY)) == score(reworded(STORY), STORY)


def test_short_texts_are_compared_exactly_only() -> None:
    assert signature(TEXT) == Signature(content_id(TEXT))
    assert score(TEXT, TEXT.replace("Monday", "Tuesday")) == 0
    assert score(TEXT, TEXT.upper()) == 1


@pytest.mark.parametrize(
    "text", ["", "?", "a " * 60, "a" * 100_000, "\ud800 " * 60, "中" * 100_000, "a\u0301 " * 99]
)
def test_every_text_has_a_signature(text: str) -> None:
    one = signature(text)
    assert len(one.bands) in {0, BANDS * BAND_BYTES}
    assert len(one.sketch) in {0, 1 + SKETCH_ROWS // 2}


def test_of_an_endless_text_the_beginning_is_compared() -> None:
    long = " ".join(map(str, range(MAX_CHARACTERS)))
    one, longer = signature(long), signature(f"{long} and more")
    assert one.content_id != longer.content_id
    assert (one.bands, one.sketch) == (longer.bands, longer.sketch)


def test_a_signature_is_the_same_in_every_process() -> None:
    # It stays in Redis for two weeks: whatever changes it has to change VERSION.
    program = (
        "from tasks.dedupe.minhash import signature; import sys; print(signature(sys.argv[1]).sketch.hex())"
    )
    command = [sys.executable, "-c", program, STORY]
    shown = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60)
    assert shown.stdout.strip() == signature(STORY).sketch.hex()
    assert (VERSION, shown.stdout[:16]) == ("minhash-2", "6661fd3e309abb63")
