"""Encodings of lists: a row is never lost because of what is in another column."""

# ruff: noqa: RUF001 - scripts as lists have them

import codecs
from pathlib import Path

import pytest

from workers.errors import UserError
from workers.sources.encodings import codec_of
from workers.sources.lists import read_list
from workers.sources.reading import Reading
from workers.sources.source import Item, ListedUrl, Note, Refusal

#: A title in each encoding, long enough to be told apart.
TITLES = {
    "utf-8": "Höchststand: Ærø, Łódź, Ελλάδα",
    "utf-8-sig": "Höchststand: Ærø, Łódź, Ελλάδα",
    "utf-16-le with its mark": "Höchststand: 今日の天気",
    "utf-16-be with its mark": "Höchststand: 今日の天気",
    "utf-16-le": "Höchststand: 今日の天気",
    "utf-16-be": "Höchststand: 今日の天気",
    "utf-32": "Höchststand: 今日の天気",
    "latin-1": "Zürich schließt die Brücke über die Limmat",
    "cp1252": "Zürich schließt „die Brücke“ – für 5 €",
    "cp1251": "Совет проголосовал за строительство новой набережной",
    "koi8-r": "Совет проголосовал за строительство новой набережной",
    "cp1253": "Το συμβούλιο ψήφισε για το νέο λιμάνι",
    "cp932": "市議会は堤防のかさ上げを可決した、来年度から工事",
    "gb18030": "市议会投票决定加高河堤，工程明年开始",
    "big5": "市議會投票決定加高河堤，工程明年開始",
    "cp949": "시의회는 강둑을 높이기로 의결했다 공사는 내년에 시작된다",
}
ROWS = 500


def encoded(text: str, encoding: str) -> bytes:
    if not encoding.endswith(" with its mark"):
        return text.encode(encoding)
    mark = codecs.BOM_UTF16_LE if "-le" in encoding else codecs.BOM_UTF16_BE
    return mark + text.encode(encoding.removesuffix(" with its mark"))


def read(path: Path, content: bytes, **options: str) -> list[Item]:
    path.write_bytes(content)
    return list(read_list(path, Reading.of(**options)))  # type: ignore[arg-type]


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("header", ["title{}url\n", ""], ids=["header", "no header"])
@pytest.mark.parametrize("encoding", TITLES)
def test_every_row_is_read_and_its_title_as_it_was(
    tmp_path: Path, encoding: str, header: str, delimiter: str
) -> None:
    title = TITLES[encoding].replace(",", "")
    rows = "".join(
        f"{title if number % 3 else 'Rain'}{delimiter}https://a.test/{number}\n" for number in range(ROWS)
    )
    found = read(tmp_path / "a.csv", encoded(header.format(delimiter) + rows, encoding))
    listed = [item for item in found if isinstance(item, ListedUrl)]
    assert [item.url for item in listed] == [f"https://a.test/{number}" for number in range(ROWS)]
    assert {next(iter(item.extras.values())) for item in listed} == {"Rain", title}
    assert not [item for item in found if isinstance(item, Refusal)]


def test_what_was_guessed_is_said_once(tmp_path: Path) -> None:
    content = f"title,url\n{TITLES['cp1251']},https://a.test/1\n".encode("cp1251")
    assert read(tmp_path / "a.csv", content)[1:] == [
        Note(
            f"{tmp_path}/a.csv is not all in UTF-8. The rest was read as cp1251; --encoding NAME names another encoding."
        )
    ]


def test_a_row_may_have_cells_in_two_encodings(tmp_path: Path) -> None:
    row = "Zürich,".encode() + "Genève,".encode("latin-1") + b"https://a.test/1\n"
    item = read(tmp_path / "a.csv", b"one,two,url\n" + row)[0]
    assert item.extras == {"one": "Zürich", "two": "Genève"}  # type: ignore[union-attr]


@pytest.mark.parametrize("name", ["a.txt", "a.csv", "a.jsonl"])
def test_a_url_that_is_not_utf_8_is_read_as_the_rest(tmp_path: Path, name: str) -> None:
    lines = {
        "a.txt": "https://a.test/ü",
        "a.csv": "url\nhttps://a.test/ü",
        "a.jsonl": '{"url": "https://a.test/ü"}',
    }
    item = read(tmp_path / name, lines[name].encode("latin-1"))[0]
    assert isinstance(item, ListedUrl)
    assert item.url == "https://a.test/ü"


def test_the_first_line_that_is_not_utf_8_may_be_anywhere(tmp_path: Path) -> None:
    plain = "".join(f"x,https://a.test/{number}\n" for number in range(30_000)).encode()
    odd = "Zürich,https://a.test/ü\n".encode("latin-1")
    found = read(tmp_path / "a.csv", b"title,url\n" + plain + odd + plain)
    urls = [item for item in found if isinstance(item, ListedUrl)]
    assert len(urls) == 60_001
    assert urls[30_000].extras == {"title": "Zürich"}


def test_a_given_encoding_is_used(tmp_path: Path) -> None:
    content = "title,url\nŻółw,https://a.test/1\n".encode("cp1250")
    (item,) = read(tmp_path / "a.csv", content, encoding="windows-1250")
    assert item.extras == {"title": "Żółw"}  # type: ignore[union-attr]


def test_a_byte_order_mark_goes_before_a_given_encoding(tmp_path: Path) -> None:
    content = "title,url\nZürich,https://a.test/1\n".encode("utf-8-sig")
    (item,) = read(tmp_path / "a.csv", content, encoding="latin-1")
    assert item.extras == {"title": "Zürich"}  # type: ignore[union-attr]


def test_bytes_that_the_given_encoding_does_not_have_cost_no_row(tmp_path: Path) -> None:
    content = b"title,url\nZ\xffrich,https://a.test/1\nx,https://a.test/\xff\n"
    taken, refused = read(tmp_path / "a.csv", content, encoding="utf-8")
    assert taken.extras == {"title": "Z\ufffdrich"}  # type: ignore[union-attr]
    assert refused.reason.startswith("is not readable in the encoding")  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("name", "codec"),
    [
        ("UTF8", "utf-8"),
        ("latin-1", "cp1252"),
        ("ISO-8859-1", "cp1252"),
        ("windows-1251", "cp1251"),
        ("Shift_JIS", "cp932"),
        ("gb2312", "gb18030"),
        ("utf-16", "utf-16-le"),
        ("UTF-32", "utf-32-le"),
    ],
)
def test_an_encoding_has_the_names_that_browsers_and_python_know(name: str, codec: str) -> None:
    assert codec_of(name) == codec


@pytest.mark.parametrize(
    "name", ["latin-99", "hex", "rot13", "idna", "punycode", "undefined", "", "ü", "x\0"]
)
def test_an_unknown_encoding_is_an_error(name: str) -> None:
    with pytest.raises(UserError, match="There is no encoding"):
        Reading.of(encoding=name)


def test_the_message_about_an_encoding_is_short() -> None:
    with pytest.raises(UserError) as caught:
        codec_of("x" * 10_000)
    assert len(str(caught.value)) < 300


def test_lists_in_two_encodings_may_be_concatenated(tmp_path: Path) -> None:
    first, second = "title,url\nZürich,https://a.test/1\n", "title,url\nGenève,https://a.test/2\n"
    content = first.encode("utf-8-sig") + second.encode("utf-8-sig")
    assert [item.extras for item in read(tmp_path / "a.csv", content)] == [  # type: ignore[union-attr]
        {"title": "Zürich"},
        {"title": "Genève"},
    ]
    content = first.encode("utf-16") + second.encode("utf-16")
    assert len(read(tmp_path / "a.csv", content)) == 2
