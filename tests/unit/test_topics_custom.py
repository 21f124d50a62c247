"""A taxonomy of one's own: the file, and what the tagger makes of it."""

from pathlib import Path

import pytest

import seeds
from tasks.topics import custom
from tasks.topics.custom import MIN_SCORE, CustomTagger
from tasks.topics.taggers import load_tagger
from tasks.topics.taxonomy import TaxonomyError, read_taxonomy

EXAMPLE = Path(str(seeds.__file__)).with_name("taxonomy.example.yml")
COURT = "The judge sentenced the two men to four years in prison for the robbery of a jeweller's shop."
COURT_DE = "Der Richter verurteilte die beiden Männer wegen Raubes zu vier Jahren Gefängnis."
SEA = (
    "The trawlers stayed in port as the storm drove waves over the harbour wall, and the ferry was cancelled."
)


@pytest.fixture(scope="module")
def tagger() -> CustomTagger:
    return custom.load(EXAMPLE)


def written(path: Path, text: str) -> Path:
    file = path / "desks.yml"
    file.write_text(text, encoding="utf-8")
    return file


@pytest.mark.parametrize(
    ("language", "text", "topic"),
    [
        pytest.param("en", COURT, "desk:courts", id="English"),
        pytest.param("de", COURT_DE, "desk:courts", id="another language than the description's"),
        pytest.param("en", SEA, "desk:harbour", id="a topic without keywords"),
        pytest.param("ka", "სასამართლო Gericht Gericht", "desk:courts", id="keywords, in any language"),
    ],
)
def test_a_clear_text_gets_its_topic_first(
    tagger: CustomTagger, language: str, text: str, topic: str
) -> None:
    given = tagger.tag(text, language)
    assert given[0].id == topic
    assert [one.score for one in given] == sorted((one.score for one in given), reverse=True)
    assert all(MIN_SCORE <= one.score <= 1 for one in given)


@pytest.mark.parametrize(
    ("language", "text"),
    [
        pytest.param("en", "", id="empty"),
        pytest.param("ka", "ქართული ენა ძველია", id="a language that the encoder does not know"),
        pytest.param("en", "The comet broke apart as astronomers watched.", id="nothing of the taxonomy"),
    ],
)
def test_no_topic_where_it_would_be_a_guess(tagger: CustomTagger, language: str, text: str) -> None:
    assert tagger.tag(text, language) == ()


def test_a_setting_s_path_loads_it_and_the_release_is_the_content_s(tmp_path: Path) -> None:
    text = EXAMPLE.read_text(encoding="utf-8")
    same, other = (
        load_tagger(written(tmp_path, one)) for one in (f"# Note.\n{text}", text.replace("ferries", "tugs"))
    )
    assert (same.name, same.taxonomy) == ("encoder-zeroshot", "desks")
    assert same.release == custom.load(EXAMPLE).release != other.release


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        pytest.param("- {id: a, label: A}", "description", id="no description"),
        pytest.param(
            "- {id: a, label: A, description: B, colour: red}", "colour", id="a key that means nothing"
        ),
        pytest.param(
            "- {id: a, label: A, description: B}\n- {id: a, label: C, description: D}", "twice", id="twice"
        ),
        pytest.param("[]", "no topics", id="empty"),
        pytest.param("topics: {", "not a taxonomy", id="not YAML"),
    ],
)
def test_what_is_wrong_with_a_file_is_said(tmp_path: Path, text: str, complaint: str) -> None:
    with pytest.raises(TaxonomyError, match=complaint):
        read_taxonomy(written(tmp_path, text))


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(TaxonomyError, match=r"nowhere\.yml"):
        read_taxonomy(tmp_path / "nowhere.yml")
