"""The data file: what is in it, and where it comes from."""

from hashlib import blake2b
from importlib.resources import files
from pathlib import Path

from tasks.topics.archive import digest, read_archive, write_archive
from tasks.topics.build import read_items
from tasks.topics.vocabulary import names_of

DATA = files("tasks.topics").joinpath("topics.zip").read_bytes()
ARCHIVE = read_archive(DATA)


def test_the_file_holds_the_seventeen_top_level_topics() -> None:
    tops = [concept.id for concept in ARCHIVE.concepts if concept.level == 1]
    assert len(tops) == 17
    assert tuple(sorted(tops)) == ARCHIVE.top.labels == ARCHIVE.elsewhere.labels


def test_every_concept_below_hangs_on_one_that_is_there() -> None:
    ids = {concept.id for concept in ARCHIVE.concepts}
    below = [concept for concept in ARCHIVE.concepts if concept.level > 1]
    assert len(below) > 600
    assert all(concept.broader in ids and concept.top in ids and concept.level <= 3 for concept in below)


def test_labels_are_there_in_all_languages_of_the_vocabulary() -> None:
    languages = {language for concept in ARCHIVE.concepts for language in concept.names}
    assert languages == {"ar", "da", "de", "en", "es", "fr", "no", "pt", "sv", "zh"}


def test_the_second_level_is_what_the_third_probe_knows() -> None:
    assert set(ARCHIVE.below.labels) == {one.id for one in ARCHIVE.concepts if one.level == 2}


def test_data_seed_and_scores_stand_beside_the_weights() -> None:
    about = ARCHIVE.about
    assert set(about.data) == {"iptc_mediatopics.json", "huff_en.jsonl.gz", "news.toml"}
    assert about.seed == 1
    assert 0.5 < about.measured["macro-F1 of the top level"] < 1


def test_the_items_beside_it_are_those_that_it_was_trained_on() -> None:
    items = files("tasks.topics").joinpath("news.toml")
    assert blake2b(items.read_bytes(), digest_size=16).hexdigest() == ARCHIVE.about.data["news.toml"]
    topics = [item.topic for item in read_items(Path(str(items)))]
    assert set(topics) == set(ARCHIVE.top.labels)
    assert ARCHIVE.about.trained_on["items"] == len(topics)


def test_notice_and_file_name_the_same_works_and_releases() -> None:
    notice = " ".join(files("tasks.topics").joinpath("NOTICE").read_text(encoding="utf-8").split())
    assert len(ARCHIVE.about.attribution) == 2
    assert all(work in notice for work in ARCHIVE.about.attribution)
    assert ARCHIVE.about.release in notice


def test_the_file_stays_under_a_megabyte() -> None:
    assert len(DATA) < 1_000_000


def test_writing_what_was_read_gives_the_same_content() -> None:
    assert digest(write_archive(ARCHIVE)) == digest(DATA)


def test_a_slash_separates_names_and_parentheses_explain_them() -> None:
    assert list(names_of("Kirche/Dom (Gebäude)")) == ["kirche", "dom"]
