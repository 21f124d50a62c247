"""The script that builds the data file, on a vocabulary of two topics."""

import gzip
import json
from pathlib import Path

import msgspec
import pytest

from tasks.topics.archive import digest, read_archive, write_archive
from tasks.topics.build import Headline, build, main
from tasks.topics.encoder import Encoder
from tasks.topics.vocabulary import Entry, Vocabulary, descriptions


def entry(number: int, level: int, english: str, german: str) -> Entry:
    top = f"medtop:{'01' if number < 10 else '02'}000000"
    id_ = top if level == 1 else f"medtop:2000000{number}"
    broader = None if level == 1 else top
    return Entry(id_, broader, top, level, {"en": english, "de": german}, {"en": f"{english} as such"})


def below(number: int) -> Entry:
    """A concept of the third level, which a build may hold out."""
    text = {"en": f"the final of football {number}"}
    return Entry(f"medtop:3000000{number}", "medtop:20000002", "medtop:01000000", 3, text, {})


VOCABULARY = Vocabulary(
    "2025-10-09",
    "2023-10-24",
    (
        entry(1, 1, "sport", "Sport"),
        entry(2, 2, "football match", "Fußballspiel"),
        entry(10, 1, "religion", "Religion"),
        entry(11, 2, "church (building)", "Kirche/Dom"),
        *(below(number) for number in range(20)),
    ),
)
HEADLINES = tuple(
    Headline(text, f"medtop:{top}000000")
    for text, top in [("A football match was won", "01"), ("The church and its prayer", "02")] * 10
)
ITEMS = (
    Headline("The goalkeeper saved a penalty", "medtop:01000000"),
    Headline("Believers met for mass", "medtop:02000000"),
)


@pytest.fixture(scope="module")
def encoder() -> Encoder:
    return Encoder.load()


def test_a_build_is_the_same_every_time_and_learns_its_examples(encoder: Encoder) -> None:
    first, second = (build(VOCABULARY, HEADLINES, ITEMS, encoder, {}) for _ in range(2))
    assert write_archive(first) == write_archive(second)
    scores = first.top.scores(encoder.encode(encoder.read("They won at football")))
    assert max(scores, key=scores.__getitem__) == "medtop:01000000"


def test_another_training_is_another_version(encoder: Encoder) -> None:
    fewer, all_ = (build(VOCABULARY, lines, ITEMS, encoder, {}) for lines in (HEADLINES[:10], HEADLINES))
    assert digest(write_archive(fewer)) != digest(write_archive(all_))


def test_a_concept_is_described_once_in_every_language_that_repeats_no_other() -> None:
    labels = {"en": "sport", "en-US": "sport", "sv": "idrott"}
    told = Entry("x", None, "x", 1, labels, {"en": "Matches.", "en-US": "Matches."})
    assert list(descriptions(told)) == ["sport. Matches.", "idrott"]


def test_the_command_writes_the_file_and_says_what_it_measured(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    vocabulary, headlines, output = (tmp_path / name for name in ("iptc.json", "news.jsonl.gz", "out.zip"))
    items = tmp_path / "items.toml"
    items.write_text("".join(f'"{one.topic}" = ["{one.text}"]\n' for one in ITEMS))
    vocabulary.write_bytes(msgspec.json.encode(VOCABULARY))
    lines = [json.dumps({"text": line.text, "topic": line.topic, "lang": "en"}) for line in HEADLINES]
    headlines.write_bytes(gzip.compress("\n".join(lines).encode()))
    main([str(vocabulary), str(headlines), "--items", str(items), "--output", str(output)])
    about = read_archive(output.read_bytes()).about
    assert (about.taxonomy, about.release) == ("iptc-mediatopics", "2025-10-09")
    assert set(about.data) == {"iptc.json", "news.jsonl.gz", "items.toml"}
    assert "macro-F1" in capsys.readouterr().out
