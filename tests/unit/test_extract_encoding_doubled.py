"""UTF-8 that was read in another encoding and encoded again is read once; what is right, or quotes such text, stays."""

# ruff: noqa: RUF001 - misread text as pages have it

import time

import pytest

from tasks.extract.decode import decode
from tasks.extract.encoding.doubled import undoubled

FRENCH = "Le conseil a voté la fermeture du musée, où l’été dernier 300 élèves étaient arrivés à pied."
RUSSIAN = "Президент подписал закон о государственном языке, сообщает пресс-служба."
JAPANESE = "政府は二十日、新しい経済対策を発表しました。首相は記者会見で説明しました。"
HEBREW = "העירייה הצביעה ביום שלישי לבנות מחדש את הרציף הישן."
POLISH = "Posłowie przyjęli w środę ustawę o ochronie żubrów, a ścieżki będą zamknięte."


def misread(text: str, codec: str) -> str:
    """Return `text` as it looks when its UTF-8 is read in `codec`, with C1 controls for what the codec lacks."""
    characters = {byte: bytes([byte]).decode(codec, "ignore") or chr(byte) for byte in range(256)}
    return "".join(characters[byte] for byte in text.encode())


def page(title: str, *paragraphs: str) -> str:
    body = "".join(f"<p>{paragraph}</p>" for paragraph in paragraphs)
    return f"<html><head><meta charset=utf-8><title>{title}</title></head><body><h1>{title}</h1>{body}</body></html>"


@pytest.mark.parametrize("text", [FRENCH, RUSSIAN, JAPANESE, HEBREW, POLISH])
@pytest.mark.parametrize("codec", ["latin-1", "cp1252", "cp1251", "koi8-r", "cp1250"])
@pytest.mark.parametrize("times", [1, 2])
def test_a_page_that_was_misread_is_read_as_it_was_meant(text: str, codec: str, times: int) -> None:
    garbled = text
    for _ in range(times):
        garbled = misread(garbled, codec)
    assert decode(page("Title", garbled).encode()) == page("Title", text)


@pytest.mark.parametrize("codec", ["latin-1", "cp1252", "cp1251", "koi8-r"])
def test_a_title_alone_is_repaired_on_a_page_that_is_right(codec: str) -> None:
    right = page(FRENCH, FRENCH)
    garbled = right.replace(f"<title>{FRENCH}", f"<title>{misread(FRENCH, codec)}")
    assert decode(garbled.encode()) == right


def test_one_misread_word_of_a_title_is_enough_where_the_text_does_not_have_it() -> None:
    assert undoubled(page("The town of MÃ¼nster votes", "No word.")) == page(
        "The town of Münster votes", "No word."
    )


def test_single_paragraphs_are_repaired_and_the_others_stay() -> None:
    assert undoubled(page("Été", FRENCH, misread(FRENCH, "cp1252"))) == page("Été", FRENCH, FRENCH)


def test_a_page_in_an_older_encoding_has_its_doubled_parts_repaired() -> None:
    body = page(FRENCH, FRENCH).encode("cp1252")
    mixed = body.replace(FRENCH.encode("cp1252"), FRENCH.encode(), 1)
    assert decode(mixed, "windows-1252") == page(FRENCH, FRENCH)


@pytest.mark.parametrize(
    "text",
    [
        FRENCH,
        FRENCH.upper(),
        RUSSIAN,
        JAPANESE,
        HEBREW,
        POLISH,
        "SÃO PAULO, CAMARÃO, MAÇÃ",
        "HA PÅ» TREN, LIBERTÉ», „Š“, „Ž“, Straß“",
        "CAFÉ™, CAFÉ®, CAFÉ—THÉ…",
        "ÉTÉ… fermé\u00a0» à\u00a0« bonjour\u00a0»",
        "ВСЁ, Её, «Її», Їжак, Єва, Ґанок, Ёжик, ЁЛКА",
        "20\u00a0°C, 5 Å, Ω√2, π≈3, ƒ√∂, °C²",
        " ".join(map(chr, range(0xA0, 0x530))),
    ],
)
def test_right_text_stays_as_it_is(text: str) -> None:
    assert undoubled(page(text, text)) == page(text, text)


@pytest.mark.parametrize(
    "text",
    [
        "On sees Ã© for é in a mail, and â€™ for ’.",
        "If a page shows Ã© and Ã¨ where accents should be, it was misread. Words such as dÃ©jÃ  show it.",
        "The airline printed “JosÃ©” on my ticket instead of my name.",
        "The airline printed JosÃ© on my ticket, and it did so twice.",
        "UTF-8 read as Windows-1252: naÃ¯ve, cafÃ©, rÃ©sumÃ©s, Ã¼ber, Ã±andÃº, dÃ©jÃ  vu.",
        "Кракозябры: РџСЂРёРІРµС‚, РјРёСЂ, РєР°Рє РґРµР»Р°, С‡С‚Рѕ РЅРѕРІРѕРіРѕ.",
    ],
)
def test_a_text_about_misread_text_keeps_what_it_quotes(text: str) -> None:
    assert undoubled(page("What a mail says", text)) == page("What a mail says", text)


def test_what_is_doubled_in_code_alone_changes_nothing_and_in_data_is_repaired() -> None:
    code = "<script>// nÃ£o hÃ¡ espaÃ§o para a seÃ§Ã£o do cabeÃ§alho</script>"
    assert undoubled(code + page("A", "B")) == code + page("A", "B")
    data = '<script type="application/ld+json">{"headline": "A prÃ³xima seÃ§Ã£o"}</script>'
    assert undoubled(data) == data.replace("prÃ³xima seÃ§Ã£o", "próxima seção")


def test_the_words_of_encodings_in_markup_make_no_text_about_encodings() -> None:
    head = '<meta charset="utf-8"><script>var a = "UTF-8";</script><!-- UTF-8 -->'
    assert undoubled(head + misread(FRENCH, "cp1252")) == head + FRENCH


@pytest.mark.parametrize("part", ["xÃ© ", "Ã©", "é ", "aÃ©t <", "<script", "Å» ", "—", "РС"])
def test_a_hostile_page_takes_linear_time(part: str) -> None:
    text = "aÃ©t aÃ©u aÃ©v aÃ©w aÃ©x " + part * (300_000 // len(part))
    start = time.process_time()
    undoubled(text)
    assert time.process_time() - start < 3  # .1 to .7 s
