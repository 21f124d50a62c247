"""Which characters a page is made of."""

# ruff: noqa: RUF001 - typography and scripts as pages have them

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasks.extract.decode import decode

FRENCH = "L’été dernier, à Besançon, la fête a coûté 300 € aux élèves."
RUSSIAN = "Президент подписал закон о государственном языке, сообщает пресс-служба."
JAPANESE = "政府は二十日、新しい経済対策を発表しました。首相は記者会見で説明しました。"


def page(text: str, *, meta: str | None = None, lang: str | None = None) -> str:
    charset = f'<meta charset="{meta}">' if meta else ""
    language = f' lang="{lang}"' if lang else ""
    return f"<html{language}><head>{charset}<title>.</title></head><body><p>{text}</p></body></html>"


@pytest.mark.parametrize(
    ("encoding", "header", "meta"),
    [
        ("utf-8", None, None),
        ("utf-8", "iso-8859-1", None),
        ("utf-8", "nonsense", "nonsense"),
        ("utf-8", "utf-16", None),
        ("utf-8-sig", "windows-1251", None),
        ("utf-16", None, None),
        ("utf-16-le", "utf-16le", None),
        ("windows-1252", "iso-8859-1", None),
        ("windows-1252", None, "windows-1252"),
        ("windows-1252", None, None),
        ("windows-1252", "utf-8", "utf-8"),
        ("windows-1252", "utf-8", "utf-16"),
    ],
)
def test_a_page_is_read_in_what_it_is_written_in(encoding: str, header: str | None, meta: str | None) -> None:
    html = page(FRENCH, meta=meta)
    assert decode(html.encode(encoding), header) == html


@pytest.mark.parametrize(
    ("encoding", "text", "lang"),
    [
        ("windows-1251", RUSSIAN, None),
        ("windows-1251", RUSSIAN, "ru"),
        ("koi8-r", RUSSIAN, "ru"),
        ("shift_jis", JAPANESE, "ja"),
        ("euc_jp", JAPANESE, "ja"),
        ("gb18030", "北京大学的研究人员昨天发表了一篇关于气候变化的论文。" * 3, None),
        ("windows-1250", "Posłowie przyjęli w środę ustawę o ochronie żubrów.", "pl-PL"),
        ("windows-1254", "Başbakan dün İzmir'de şöyle konuştu: doğru değil.", "tr"),
        ("windows-1252", "¿Cuándo llegará el año próximo? Mañana, señor.", "es"),
    ],
)
def test_a_page_that_declares_nothing_is_guessed(encoding: str, text: str, lang: str | None) -> None:
    html = page(text, lang=lang)
    assert decode(html.encode(encoding)) == html


@pytest.mark.parametrize("text", [FRENCH, RUSSIAN, JAPANESE, "A café, and a naïve one."])
def test_one_bad_byte_costs_one_character(text: str) -> None:
    before, after = page(text).encode(), page(text).encode()
    assert decode(before + b"\xff" + after) == page(text) + "\ufffd" + page(text)


def test_iso_2022_jp_is_not_taken_for_ascii() -> None:
    html = page(JAPANESE, meta="iso-2022-jp")
    assert decode(html.encode("iso-2022-jp")) == html


@given(
    st.binary(max_size=200),
    st.none()
    | st.sampled_from(["utf-8", "utf-16", "hz", "utf-7", "idna", "hex", "punycode", "unicode_escape", "ﬁ"]),
)
def test_any_bytes_come_out_as_text_that_can_be_stored(body: bytes, charset: str | None) -> None:
    decode(body, charset).encode("utf-8", "surrogatepass")
