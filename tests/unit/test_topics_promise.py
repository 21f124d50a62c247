"""What the tagger promises, on labelled sentences that it never saw; skipped without NEWSMILL_DATA."""

import gzip
import os
from pathlib import Path

import msgspec
import pytest

from tasks.topics.measure import Labelled, answers, best_among, calibration_error, macro_f1, reliability
from tasks.topics.tagger import TopicTagger, load

#: SIB-200's varieties of the encoder's languages.
VARIETIES = frozenset(
    [
        "arb_Arab",
        "deu_Latn",
        "eng_Latn",
        "spa_Latn",
        "fra_Latn",
        "ita_Latn",
        "jpn_Jpan",
        "kor_Hang",
        "nld_Latn",
        "pol_Latn",
        "por_Latn",
        "rus_Cyrl",
        "tha_Thai",
        "tur_Latn",
        "zho_Hans",
        "zho_Hant",
    ]
)


class Sentence(msgspec.Struct):
    text: str
    topic: str
    lang: str


@pytest.fixture(scope="module")
def sentences() -> list[Sentence]:
    folder = os.environ.get("NEWSMILL_DATA")
    if not folder:
        pytest.skip("NEWSMILL_DATA is not set")
    lines = gzip.decompress((Path(folder) / "topics" / "sib.jsonl.gz").read_bytes()).splitlines()
    return [msgspec.json.decode(line, type=Sentence) for line in lines]


@pytest.fixture(scope="module")
def tagger() -> TopicTagger:
    return load()


def test_in_the_encoder_s_languages_a_score_is_how_often_it_is_right(
    tagger: TopicTagger, sentences: list[Sentence]
) -> None:
    known = [Labelled(one.text, "en", frozenset({one.topic})) for one in sentences if one.lang in VARIETIES]
    best = [best_among(tagger.tag(one.text, one.language), tagger.top.labels) for one in known]
    assert macro_f1([next(iter(one.truths)) for one in known], best) > 0.62
    assert calibration_error(reliability(answers(tagger, known, tagger.top.labels))) < 0.07


def test_in_other_languages_few_get_a_topic_and_those_as_often_right_as_their_score_says(
    tagger: TopicTagger, sentences: list[Sentence]
) -> None:
    other = [one for one in sentences if one.lang not in VARIETIES][::5]
    examples = [Labelled(one.text, "und", frozenset({one.topic})) for one in other]
    given = answers(tagger, examples, tagger.top.labels)
    assert 0 < len(given) < len(other) / 6
    assert sum(right for _, right in given) / len(given) > 0.6
    assert calibration_error(reliability(given)) < 0.1
