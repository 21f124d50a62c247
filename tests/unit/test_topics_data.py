"""The data file and the script that builds it."""

import gzip
import json
import os
from importlib.resources import files
from pathlib import Path

import msgspec
import pytest

from tasks.topics.archive import digest, read_archive, write_archive
from tasks.topics.build import Entry, Headline, Vocabulary, build, main, names_of, read_headlines
from tasks.topics.linear import RAREST

DATA = files("tasks.topics").joinpath("topics.zip").read_bytes()
ARCHIVE = read_archive(DATA)


def entry(number: int, level: int, english: str, german: str) -> Entry:
    top = f"medtop:{'01' if number < 10 else '02'}000000"
    id_ = top if level == 1 else f"medtop:2000000{number}"
    broader = None if level == 1 else top
    return Entry(id_, broader, top, level, {"en": english, "de": german}, {"en": f"{english} as such"})


VOCABULARY = Vocabulary(
    "2025-10-09",
    "2023-10-24",
    (
        entry(1, 1, "sport", "Sport"),
        entry(2, 2, "football match", "Fußballspiel"),
        entry(10, 1, "religion", "Religion"),
        entry(11, 2, "church (building)", "Kirche/Dom"),
    ),
)
HEADLINES = tuple(
    Headline(text, f"medtop:{top}000000")
    for text, top in [("A football match was won", "01"), ("The church and its prayer", "02")] * 10
)


def test_the_file_holds_the_seventeen_top_level_topics() -> None:
    tops = [concept.id for concept in ARCHIVE.concepts if concept.level == 1]
    assert len(tops) == 17
    assert sorted(tops) == list(ARCHIVE.model.topics)


def test_every_concept_below_hangs_on_one_that_is_there() -> None:
    ids = {concept.id for concept in ARCHIVE.concepts}
    below = [concept for concept in ARCHIVE.concepts if concept.level > 1]
    assert len(below) > 600
    assert all(concept.broader in ids and concept.top in ids and concept.level <= 3 for concept in below)


def test_labels_are_there_in_all_languages_of_the_vocabulary() -> None:
    languages = {language for concept in ARCHIVE.concepts for language in concept.names}
    assert languages == {"ar", "da", "de", "en", "es", "fr", "no", "pt", "sv", "zh"}


def test_the_rows_fit_the_features() -> None:
    model = ARCHIVE.model
    assert len(model.weights) == len(model.rows) * len(model.topics)
    assert len(model.rarities) == len(model.rows)
    assert max(model.rarities) == RAREST


def test_notice_and_file_name_the_same_works_and_releases() -> None:
    notice = " ".join(files("tasks.topics").joinpath("NOTICE").read_text(encoding="utf-8").split())
    assert len(ARCHIVE.about.attribution) == 2
    assert all(work in notice for work in ARCHIVE.about.attribution)
    assert ARCHIVE.about.taxonomy.removeprefix("iptc-mediatopics-") in notice


def test_the_file_stays_under_a_megabyte() -> None:
    assert len(DATA) < 1_000_000


def test_writing_what_was_read_gives_the_same_content() -> None:
    assert digest(write_archive(ARCHIVE)) == digest(DATA)


def test_a_build_is_the_same_every_time_and_learns_its_examples() -> None:
    first, second = (build(VOCABULARY, HEADLINES) for _ in range(2))
    assert write_archive(first) == write_archive(second)
    scores = first.model.scores("They won at football")
    assert max(scores, key=scores.__getitem__) == "medtop:01000000"


def test_another_training_is_another_version() -> None:
    fewer = build(VOCABULARY, HEADLINES[:10])
    assert digest(write_archive(fewer)) != digest(write_archive(build(VOCABULARY, HEADLINES)))


def test_a_slash_separates_names_and_parentheses_explain_them() -> None:
    assert list(names_of("Kirche/Dom (Gebäude)")) == ["kirche", "dom"]


def test_the_command_writes_the_file_and_says_what_it_measured(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    vocabulary, headlines, output = (tmp_path / name for name in ("iptc.json", "news.jsonl.gz", "out.zip"))
    vocabulary.write_bytes(msgspec.json.encode(VOCABULARY))
    lines = [json.dumps({"text": line.text, "topic": line.topic, "lang": "en"}) for line in HEADLINES]
    headlines.write_bytes(gzip.compress("\n".join(lines).encode()))
    main([str(vocabulary), str(headlines), "--output", str(output)])
    assert read_archive(output.read_bytes()).about.taxonomy == "iptc-mediatopics-2025-10-09"
    assert "macro-F1" in capsys.readouterr().out


def test_the_shipped_model_is_right_about_most_sentences_it_answers_for() -> None:
    folder = os.environ.get("NEWSMILL_DATA")
    if not folder:
        pytest.skip("NEWSMILL_DATA is not set")
    right, answered = 0, 0
    for line in read_headlines(Path(folder) / "topics" / "sib.jsonl.gz"):
        scores = ARCHIVE.model.scores(line.text)
        best = max(scores, key=scores.__getitem__, default="")
        if scores.get(best, 0.0) >= 0.5:
            answered += 1
            right += best == line.topic
    assert answered > 100
    assert right / answered > 0.65
