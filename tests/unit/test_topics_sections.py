"""What a page's section and keywords say of the topic of its article."""

from importlib.resources import files

import pytest

from tasks.topics.archive import read_archive
from tasks.topics.sections import Sections

POLITICS, SPORT, ENVIRONMENT, RELIGION, DISASTER, WEATHER = (
    f"medtop:{number}000000" for number in ("11", "15", "06", "12", "03", "17")
)


@pytest.fixture(scope="module")
def sections() -> Sections:
    return Sections(read_archive(files("tasks.topics").joinpath("topics.zip").read_bytes()).concepts)


@pytest.mark.parametrize(
    ("name", "topic"),
    [
        ("Sport", SPORT),
        ("SPORTS", SPORT),
        ("Fútbol", SPORT),
        ("Michezo", SPORT),
        ("Спорт", SPORT),
        ("スポーツ", SPORT),
        ("Natur & Umwelt", ENVIRONMENT),
        ("topic/football", SPORT),
        ("badminton", SPORT),
        ("Église", RELIGION),
    ],
)
def test_a_section_s_name_stands_for_its_topic_in_any_language(
    sections: Sections, name: str, topic: str
) -> None:
    assert sections.named([name]) == {topic: 1.0}


@pytest.mark.parametrize("name", ["News", "World", "Opinion", "Society", "Société", "Wien", "", " / ", "9"])
def test_a_section_of_everything_stands_for_nothing(sections: Sections, name: str) -> None:
    assert sections.named([name]) == {}


def test_several_names_share_what_they_say(sections: Sections) -> None:
    assert sections.named(["Sport", "Football", "Bergen", "Climate"]) == pytest.approx(
        {SPORT: 2 / 3, ENVIRONMENT: 1 / 3}
    )


def test_a_name_of_two_topics_stands_for_both(sections: Sections) -> None:
    assert sections.named(["災害・気象"]) == {DISASTER: 0.5, WEATHER: 0.5}


def test_politics_count_half_since_their_section_has_everything(sections: Sections) -> None:
    assert sections.named(["Politik"]) == {POLITICS: 0.5}


def test_names_without_end_cost_no_more_than_the_first_ones(sections: Sections) -> None:
    assert sections.named(["Wien"] * 30 + ["Sport"] * 100_000) == {}
    assert sections.named(["x/" * 1_000_000 + "/sport"]) == {}
