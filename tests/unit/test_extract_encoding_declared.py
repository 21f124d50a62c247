"""Which encoding a page's markup declares: as browsers read it (WHATWG, HTML 13.2.3.2 and Encoding 4.2)."""

import os
import time
from pathlib import Path

import pytest
from w3lib.encoding import read_bom

from benchmarks.stages.eval.encodings import cases
from tasks.extract.decode import decode
from tasks.extract.encoding.declared import declared_encoding, encoding_of_label, likely_encoding

STANDARD = Path(os.environ.get("NEWSMILL_DATA", "/nowhere"), "standards/encoding")

LONG = b"x" * 2_000


@pytest.mark.skipif(
    not STANDARD.exists(), reason="needs NEWSMILL_DATA, a folder with the standards' test data"
)
@pytest.mark.parametrize("file", ["tests1.dat", "tests2.dat", "test-yahoo-jp.dat"])
def test_all_of_html5libs_cases_come_out_right(file: str) -> None:
    for page, right in cases(STANDARD / file):
        assert (read_bom(page)[0] or declared_encoding(page) or "cp1252") == right, page


@pytest.mark.parametrize(
    "before", ["<script>" + "x" * 50_000 + "</script>", "<!--" + "x" * 1_500_000 + "-->", "<body>"]
)
@pytest.mark.parametrize("meta", ["windows-1251", "x-cp1251"])
def test_a_declaration_counts_wherever_it_is(before: str, meta: str) -> None:
    html = f"<html><head>{before}<meta charset={meta}></head><p>Съезд.</p></html>"
    assert decode(html.encode("windows-1251")) == html


@pytest.mark.parametrize(
    "meta",
    [
        b"<meta charset=koi8-r>",
        b'<META CHARSET = "KOI8-R" />',
        b"<meta/charset='koi8-r'/>",
        b'<meta name=a charset="  koi8-r ">',
        b"<meta content='text/html; charset=koi8-r' http-equiv=content-type>",
        b'<meta http-equiv="Content-Type" content="text/html; charset= \'koi8-r\'">',
        b"<meta http-equiv=content-type content='charset; charset=koi8-r;x'>",
        b"<meta charset=koi8-r charset=utf-8>",
        b"<meta charset=bogus><meta charset=koi8-r>",
        b"<meta charset><meta charset=koi8-r>",
        b'<?xml version="1.0" encoding="KOI8-R"?><html>',
    ],
)
def test_what_browsers_read_as_a_declaration_is_one(meta: bytes) -> None:
    assert declared_encoding(meta) == "koi8-r"


@pytest.mark.parametrize(
    "markup",
    [
        b"<!-- <meta charset=koi8-r> -->",
        b"<meta content='<meta charset=koi8-r>'>",
        b"<a title='><meta charset=koi8-r>'>",
        b"<meta content='text/html; charset=koi8-r'>",
        b"<meta http-equiv=refresh content='text/html; charset=koi8-r'>",
        b"<meta name=charset content=koi8-r>",
        b"<metadata charset=koi8-r>",
        b"<meta charset=koi8-r",
        b"<meta charset='koi8-r>",
        b'<meta charset=koi8-r">',
        b"<meta charset='koi8 r'>",
        b"</meta charset=koi8-r>".replace(b"/meta", b"/b"),
        b"<!doctype meta charset=koi8-r>",
        LONG + b"<script>document.write('<meta charset=koi8-r>')</script>",
        LONG + b"<style><meta charset=koi8-r></style>",
        LONG + b"<title><meta charset=koi8-r></title>",
        b"<meta charset=hex><meta charset=cp037><meta charset=unicode_escape><meta charset=idna><meta charset=utf-7>",
    ],
)
def test_what_looks_like_a_declaration_is_none(markup: bytes) -> None:
    assert declared_encoding(markup) is None
    assert declared_encoding(markup + b"'\"><meta charset=windows-1251>") in {"cp1251", None}


def test_a_script_hides_no_declaration_in_the_first_bytes_as_in_browsers() -> None:
    assert declared_encoding(b"<script>'<meta charset=koi8-r>'</script>") == "koi8-r"


@pytest.mark.parametrize("label", ["utf-16", "UTF-16LE", "unicode", "utf-32"])
def test_utf_16_in_ascii_markup_is_utf_8(label: str) -> None:
    assert declared_encoding(f"<meta charset={label}>".encode()) == "utf-8"


@pytest.mark.parametrize(
    ("label", "encoding"),
    [
        (" Latin1 ", "cp1252"),
        ("us-ascii", "cp1252"),
        ("x-user-defined", "cp1252"),
        ("iso-8859-9", "cp1254"),
        ("iso88595", "iso8859-5"),
        ("tis-620", "cp874"),
        ("gb2312", "gb18030"),
        ("ks_c_5601-1987", "cp949"),
        ("x-sjis", "cp932"),
        ("csunicode", "utf-16-le"),
        ("koi8-r'", None),
        ("koi8 r", None),
        ("", None),
        ("zlib", None),
        ("rot13", None),
        ("cp500", None),
        ("utf-7", None),
        ("ﬁ", None),
    ],
)
def test_labels_mean_what_the_encoding_standard_says(label: str, encoding: str | None) -> None:
    assert encoding_of_label(label) == encoding


def test_a_declaration_that_browsers_do_not_read_still_counts_before_a_guess() -> None:
    assert likely_encoding(b'<meta charset=koi8-r">') == "koi8-r"
    html = '<html><head><meta charset=koi8-r"></head><p>Съезд.</p></html>'
    assert decode(html.encode("koi8-r")) == html


@pytest.mark.parametrize(
    "part",
    [
        b"<a ",
        b"<a b='",
        b'<a b="',
        b"<meta charset=x>",
        b"<!--",
        b"<script>",
        b"<title></title>",
        b"<",
        b"<!",
        b"<a = = ",
    ],
)
def test_a_hostile_page_takes_little_time(part: bytes) -> None:
    start = time.process_time()
    declared_encoding(part * (3_000_000 // len(part)))
    assert time.process_time() - start < 3  # .5 s at most on a busy machine
