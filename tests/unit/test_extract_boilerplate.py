"""The frame of mirror pages, and lists of headlines at the end of a text."""

# ruff: noqa: RUF001 - punctuation as Chinese and Japanese pages have it

import os
from pathlib import Path

import pytest

from tasks.article import Article
from tasks.extract.boilerplate import remove_boilerplate
from tasks.extract.fields import ExtractedFields
from tasks.extract.stage import Extractor, extract

TITLE = "River towns prepare for the highest flood in decades"
STORY = [
    "HARBOR FALLS (XP) — Towns along the river raised their levees on Monday, "
    + "and waited for the crest " * 8
    + ".",
    "WHAT HAPPENS NEXT?",
    "The crest is expected on Thursday.",
]
HEADLINES = [
    "- Chess club wins its third title in a row",
    "- How much will you pay? Experts disagree",
    "- Bakery opens after a year of repairs.",
    "- Lottery jackpot climbs to a new record",
]
CRUMBS = f"Current:Home > Markets{TITLE} -TradeCircle"
FRAME = [CRUMBS, TITLE, "View", "Date:2025-04-16 02:46:45"]


def cleaned(*lines: str, title: str | None = None, date: str | None = None) -> ExtractedFields:
    return remove_boilerplate(ExtractedFields(text="\n".join(lines), title=title, date=date))


def test_a_mirrors_frame_gives_title_and_date_and_goes() -> None:
    draft = cleaned(*FRAME, *STORY, "veryGood! (34)", "Related", *HEADLINES, "Ranking", *HEADLINES[:2])
    assert draft == ExtractedFields(text="\n".join(STORY), title=TITLE, date="2025-04-16")


@pytest.mark.parametrize(
    "frame",
    [
        [CRUMBS],
        [TITLE, "View", "Date:2025-04-16"],
        ["Date: 2025-04-16 02:46", "Views(1,204)"],
        [f"Your position: Home > {TITLE}"],
        [f"当前位置：首页 > 财经 > {TITLE}", "时间：2025年4月16日", "浏览：34"],
        [TITLE, "発表", "公開日：2025/04/16", "閲覧数(34)"],
    ],
)
def test_part_of_the_frame_is_enough(frame: list[str]) -> None:
    assert cleaned(*frame, *STORY).text == "\n".join(STORY)


def test_the_frames_date_counts_and_a_title_that_is_known_stays() -> None:
    draft = cleaned(*FRAME, *STORY, title="Known", date="2019-01-01")
    assert (draft.title, draft.date) == ("Known", "2025-04-16")


def test_a_time_of_another_day_than_the_frames_goes() -> None:
    fields = ExtractedFields(text="\n".join((*FRAME, *STORY)), published_stated="2025-05-01T08:00:00+00:00")
    found = remove_boilerplate(fields).bounded()
    assert (found.date, found.published_stated) == ("2025-04-16", "2025-04-16")


def test_a_date_in_the_frame_is_read_however_it_is_written() -> None:
    for line in ("Date:2025-04-16 02:46:45", "Post date: 2025/4/16", "发布时间：2025年4月16日 02:46"):
        assert cleaned("Current:Home > Markets", line, "View", *STORY).date == "2025-04-16"
    assert cleaned("Current:Home > Markets", "Date:2025-02-31", "View", *STORY).date is None


def test_an_ordinary_sites_breadcrumb_goes_and_nothing_else() -> None:
    assert cleaned("Home > News > Weather", *STORY, *HEADLINES).text == "\n".join([*STORY, *HEADLINES])


def test_likes_end_a_mirrors_story_only() -> None:
    assert cleaned(*FRAME, *STORY, "Like (34)", *HEADLINES).text == "\n".join(STORY)
    assert cleaned(*STORY, "Like (34)", *HEADLINES).text == "\n".join([*STORY, "Like (34)", *HEADLINES])


def test_a_list_without_label_goes_from_a_mirror_only() -> None:
    assert cleaned(*FRAME, *STORY, *HEADLINES).text == "\n".join(STORY)
    assert cleaned(*STORY, *HEADLINES).text == "\n".join([*STORY, *HEADLINES])


@pytest.mark.parametrize(
    "label",
    [
        *(
            "Related",
            "RELATED ARTICLES:",
            "Ranking",
            "Recommendation",
            "Read more",
            "Read More »",
            "[Hot News]",
        ),
        *(
            "You may also like",
            "Trending now",
            "Lire aussi",
            "Mehr zum Thema",
            "Te puede interesar",
            "Leia mais",
        ),
        *(
            "Leggi anche:",
            "Lees ook",
            "Läs mer",
            "Czytaj też",
            "İlgili haberler",
            "Читайте также:",
            "اقرأ أيضا",
        ),
        *(
            "相关",
            "相关新闻",
            "【推荐阅读】",
            "排行榜",
            "猜你喜欢",
            "関連記事",
            "おすすめ",
            "■人気記事",
            "ランキング",
        ),
        *("관련 기사", "추천기사", "Baca juga:", "Xem thêm", "यह भी पढ़ें"),
    ],
)
def test_a_labelled_list_goes_from_any_text(label: str) -> None:
    assert cleaned(*STORY, label, *HEADLINES).text == "\n".join(STORY)


@pytest.mark.parametrize(
    "lines",
    [
        STORY,
        ["Date: 2025-04-16", *STORY],
        ["View", *STORY],
        [*STORY, "Related", *HEADLINES[:2]],
        [*STORY, "Related", "It rained.", "It rained again.", "Nobody slept."],
        [*STORY, "Related", *HEADLINES, STORY[0]],
        [*STORY, "A related matter", *HEADLINES],
    ],
)
def test_an_ordinary_text_stays_as_it_is(lines: list[str]) -> None:
    assert cleaned(*lines).text == "\n".join(lines)


@pytest.mark.parametrize("lines", [["Related", *HEADLINES], FRAME, ["veryGood! (34)"]])
def test_a_text_is_never_emptied(lines: list[str]) -> None:
    assert cleaned(*lines).text == "\n".join(lines)


@pytest.mark.skipif("NEWSMILL_DATA" not in os.environ, reason="NEWSMILL_DATA names no folder with test data")
def test_the_seed_article_comes_out_clean() -> None:
    (seed,) = Path(os.environ["NEWSMILL_DATA"], "seeds").glob("*.txt")
    article = Article(id="0", url=f"file://{seed}", content_type="text/plain", html=seed.read_bytes())
    article = extract(article, extractor=Extractor())
    assert (
        article.title
        == "Kim Jong Un and Putin may meet. What do North Korea and Russia need from each other?"
    )
    assert article.date == "2025-04-16"
    assert article.text is not None
    assert article.text.startswith("SEOUL, South Korea (AP)")
    assert article.text.endswith("some symbolic aspects they want to show to the United States.”")
