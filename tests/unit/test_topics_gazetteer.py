"""Names of concepts in texts: what counts as the same word, and for which concept it counts."""

import pytest

from tasks.topics.gazetteer import Concept, Gazetteer
from tasks.topics.words import units, words


def concept(id_: str, level: int, broader: str | None, **names: str) -> Concept:
    filed: dict[str, tuple[str, ...]] = {
        language: (" ".join(units(name)),) for language, name in names.items()
    }
    return Concept(id_, names["en"], level, "top", broader, filed)


GAZETTEER = Gazetteer(
    [
        concept("top", 1, None, en="politics", de="Politik"),
        concept("vote", 2, "top", en="elections", de="Wahl", zh="选举", no="valg"),
        concept("local", 3, "vote", en="local elections"),
        concept("war", 2, "top", en="war"),
        concept("bandy", 2, "top", en="bandy"),
        concept("coin", 2, "top", en="currency"),
    ]
)


@pytest.mark.parametrize(
    ("language", "text", "found"),
    [
        pytest.param("en", "The election is near.", {"vote": 1}, id="the singular of a plural"),
        pytest.param("de", "Nach den Wahlen ist vor der Wahl.", {"vote": 2}, id="with an ending"),
        pytest.param("de", "Ein Wahlkampf.", {}, id="not a compound"),
        pytest.param("zh-cn", "今年选举结果", {"vote": 1}, id="Chinese, inside a run"),
        pytest.param("nb", "Valget i dag", {"vote": 1}, id="Bokmål is filed as Norwegian"),
        pytest.param("it", "election day", {"vote": 1}, id="another language, the English names"),
        pytest.param(
            "en",
            "Local elections today",
            {"local": 1, "vote": 1},
            id="the longest name, and the concept above",
        ),
        pytest.param("en", "The war, the ward, a band, the current one", {"war": 1}, id="no look-alikes"),
        pytest.param("en", "Politics", {}, id="not the top level"),
        pytest.param("en", "LOCAL", {}, id="half a name"),
    ],
)
def test_names_are_found_whatever_their_endings(language: str, text: str, found: dict[str, int]) -> None:
    assert GAZETTEER.mentions(text, language) == found


def test_case_accents_numbers_and_the_arabic_article_do_not_count() -> None:
    assert words("Élections 2024: POLÍTICA, الانتخابات") == ["elections", "politica", "انتخابات"]


def test_chinese_is_taken_apart_into_characters() -> None:
    assert units("election, 足球赛") == ["election", "足", "球", "赛"]


def test_an_empty_gazetteer_finds_nothing() -> None:
    assert not Gazetteer([]).mentions("elections", "en")
