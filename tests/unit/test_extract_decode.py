"""Which characters a page is made of."""

# ruff: noqa: RUF001 - typography and scripts as pages have them

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasks.extract.decode import decode, domain_of

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


@pytest.mark.parametrize(
    ("encoding", "text"),
    [
        ("iso8859-2", "Posłowie przyjęli w środę ustawę o ochronie żubrów. Ścieżki będą zamknięte."),
        (
            "windows-1250",
            "Skupština je usvojila zakon. Veće će sledeće nedelje odlučiti šta će činiti s pristaništem.",
        ),
        ("iso8859-5", RUSSIAN),
        ("cp866", RUSSIAN),
        ("iso8859-9", "Başbakan dün İzmir'de şöyle konuştu: doğru değil. Çalışmalar gelecek yıl başlayacak."),
        ("cp949", "시 의회는 화요일 낡은 나루터 부두를 다시 짓기로 표결하여 논쟁을 끝냈다."),
        ("iso2022_jp", JAPANESE),
    ],
)
def test_a_page_without_charset_and_language_is_told_by_its_letters(encoding: str, text: str) -> None:
    html = page(text)
    assert decode(html.encode(encoding)) == html


@pytest.mark.parametrize(
    ("encoding", "lang", "domain", "text"),
    [
        ("windows-1257", "lt", "lt", "Pradinį įstatymo projektą Seimas priėmė antradienį."),
        ("windows-1257", "ltg", "lv", "Tigra riecīņs ir navysai skaļš."),
        ("iso8859-2", "hu", "hu", "Az őrült tűzoltó"),
        ("windows-1252", "sc", "it", "Sas ìsulas Cook sunt un'istadu."),
    ],
)
def test_language_and_host_are_evidence(encoding: str, lang: str, domain: str, text: str) -> None:
    undeclared, declared = page(text), page(text, lang=lang)
    assert decode(undeclared.encode(encoding)) != undeclared  # which is why there is a second look
    assert decode(declared.encode(encoding)) == declared
    assert decode(undeclared.encode(encoding), None, domain) == undeclared


@pytest.mark.parametrize("lang", ["en", "de", "fr", "lt", "tr", "ru", "ja"])
@pytest.mark.parametrize(
    ("encoding", "text"),
    [
        ("windows-1250", "Veće će sledeće nedelje odlučiti šta će činiti s pristaništem."),
        ("windows-1250", "Posłowie przyjęli w środę ustawę o ochronie żubrów."),
        ("windows-1251", RUSSIAN),
        ("windows-1252", FRENCH),
        ("shift_jis", JAPANESE),
    ],
)
def test_a_wrong_language_is_not_believed(encoding: str, text: str, lang: str) -> None:
    html = page(text, lang=lang)
    assert decode(html.encode(encoding), None, lang) == html


def test_the_last_label_of_the_host_is_its_domain() -> None:
    assert domain_of("https://www.example.co.lt:8080/a") == "lt"
    assert domain_of("file:///home/a.lt/b.html") == ""


def test_a_mark_of_utf_8_on_a_page_in_another_encoding_does_not_count() -> None:
    assert decode(b"\xef\xbb\xbf" + page(FRENCH).encode("cp1252")) == page(FRENCH)


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be"])
@pytest.mark.parametrize("header", [None, "utf-16", "utf-8"])
def test_utf_16_without_a_mark_is_told_by_its_markup(encoding: str, header: str | None) -> None:
    html = page(RUSSIAN, meta="utf-16")
    assert decode(html.encode(encoding), header) == html


def test_a_nul_in_a_page_makes_no_utf_16_of_it() -> None:
    html = page(RUSSIAN).replace("з", "\0з", 1)
    assert decode(html.encode(), "utf-16") == html


@pytest.mark.parametrize(
    ("text", "lang"),
    [
        ("It costs £50, and the temperature is 20°C.", None),
        ("It’s a page of “English” text – and plain.", None),
        ("Prices fell by ½ to £3 – “a record”, © 2009.", "en"),
    ],
)
def test_signs_alone_are_those_of_windows_1252(text: str, lang: str | None) -> None:
    html = page(text, lang=lang)
    assert decode(html.encode("cp1252")) == html


def test_the_euro_and_oe_of_latin_9_are_told_where_the_language_has_them() -> None:
    html = page("Cela coûte 30 €, dit le maître d'œuvre.", lang="fr")
    assert decode(html.encode("iso8859-15")) == html


def test_an_escape_to_japanese_in_an_english_page_changes_nothing() -> None:
    html = page("A comment has \x1b$B in it, and the page goes on in English\nfor some lines. ) & ( < 5")
    assert decode(html.encode()) == html
    assert decode(html.replace("A ", "Á ").encode("cp1252")) == html.replace("A ", "Á ")


@pytest.mark.parametrize(
    "part", [b"<meta charset=x>", b"<meta '", b'<meta "', b"<!--", b"<!-- -->", b"<script>", b"<", b"\xff<"]
)
def test_a_hostile_page_takes_little_time(part: bytes) -> None:
    body = b"\xff" + part * (3_000_000 // len(part))
    start = time.process_time()
    decode(body)
    assert time.process_time() - start < 3  # .05 to .6 s


def test_serbian_is_told_in_latin_letters_whatever_the_page_says_of_its_language() -> None:
    html = page(
        "Veće obnavlja staro pristanište. Sledeća zimska oluja može da ga sruši, kažu stručnjaci.", lang="sr"
    )
    assert decode(html.encode("windows-1250")) == html
