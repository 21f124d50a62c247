"""Encodings: what a page declares, what its bytes look like, and UTF-8 that was encoded twice.

Texts of SIB-200 and FLORES are written in the encodings that their languages had. Half of the languages were for choosing rules.
"""

import gzip
import json
import re
import tomllib
from collections import defaultdict
from collections.abc import Callable, Iterator
from hashlib import blake2b
from pathlib import Path
from statistics import mean
from typing import Any

from chardetng_py import EncodingDetector  # type: ignore[import-untyped]
from w3lib.encoding import html_body_declared_encoding, read_bom, resolve_encoding

from benchmarks.stages.eval.table import Missing, Note, Row
from tasks.extract.decode import decode
from tasks.extract.encoding.declared import declared_encoding

STAGE = "encodings"
HALVES = ("choosing", "judging")
#: Characters of a text: a sentence, a paragraph, an article.
_LENGTHS = (100, 300, 6_000)
#: Sentences of a paragraph, and paragraphs of a page.
_PARAGRAPH, _PARAGRAPHS = 3, 8

_CASE = re.compile(rb"(?:^|\n)#data\n")
_SENTENCE_END = re.compile(r"(?<=[.!?。।])\s*")

Texts = dict[str, list[dict[str, str]]]


def rows(data: Path | None) -> Iterator[Row | Missing | Note]:
    """Yield the share of html5lib's cases, and of texts in old and doubled encodings, that are read to the character."""
    library = (
        "w3lib's html_body_declared_encoding for html5lib's cases, chardetng by itself for undeclared ones"
    )
    yield Note(STAGE, f"the library is {library}. A text is right where every character is.")
    own: dict[str, Any] = tomllib.loads(
        (Path(__file__).parent / "own_sets/encodings.toml").read_text("utf-8")
    )
    if data and (data / "standards/encoding").is_dir():
        yield from _declared(data / "standards/encoding")
    else:
        yield Missing(STAGE, "html5lib's cases in NEWSMILL_DATA")
    if data and (data / "language/sib.jsonl.gz").exists():
        texts = _texts(data / "language/sib.jsonl.gz")
        yield from _undeclared(own["undeclared"], texts)
        yield from _doubled(own["doubled"], texts)
    else:
        yield Missing(STAGE, "texts in 205 varieties in NEWSMILL_DATA")


def cases(file: Path) -> Iterator[tuple[bytes, str | None]]:
    """Yield each page of a file of html5lib's encoding tests, with Python's name of its encoding."""
    for case in _CASE.split(file.read_bytes())[1:]:
        page, _, label = case.partition(b"\n#encoding\n")
        yield page, resolve_encoding(label.strip().decode())


def _declared(folder: Path) -> Iterator[Row]:
    for file in sorted(folder.glob("*.dat")):
        some = list(cases(file))
        score = mean(
            (read_bom(page)[0] or declared_encoding(page) or "cp1252") == right for page, right in some
        )
        bare = mean(
            (read_bom(page)[0] or html_body_declared_encoding(page) or "cp1252") == right
            for page, right in some
        )
        yield Row(STAGE, f"html5lib, {file.stem}", len(some), "right encoding", score, bare)


def _undeclared(groups: dict[str, dict[str, list[str]]], texts: Texts) -> Iterator[Row]:
    for group, charsets in groups.items():
        right: dict[str, list[tuple[bool, bool, bool]]] = defaultdict(list)
        for charset, languages in charsets.items():
            for number, (language, text) in enumerate(_in_charset(charset, languages, texts)):
                half = _half(language) if len(languages) > 2 else HALVES[number % 2]
                for length in _LENGTHS:
                    right[half].append(_read_undeclared(text[:length], charset, language))
        for half, some in sorted(right.items()):
            plain, with_language, bare = (mean(one) for one in zip(*some, strict=True))
            yield Row(STAGE, f"undeclared {group}, {half}", len(some), "right text", plain, bare)
            yield Row(STAGE, f"undeclared {group}, {half}", len(some), "with <html lang>", with_language)


def _in_charset(charset: str, languages: list[str], texts: Texts) -> Iterator[tuple[str, str]]:
    """Yield the language and text of each article that `charset` has the letters for."""
    for language in languages:
        for one in texts.get(language, ()):
            text = one["text"].replace("<", " ").replace("&", " ")
            if language == "ro":
                text = text.translate(str.maketrans("șțȘȚ", "şţŞŢ"))
            references = text.encode(charset, "xmlcharrefreplace").count(b"&#")
            raw = text.encode(charset, "ignore")
            written = raw.decode(charset)
            if one["kind"] != "article" or references > len(text) // 100 or _is_doubled(raw):
                continue
            if not written.isascii():
                yield language, written


def _is_doubled(raw: bytes) -> bool:
    """Return whether bytes of an older encoding are UTF-8: four of the set's texts were misread once themselves."""
    try:
        return not raw.decode().isascii()
    except UnicodeDecodeError:
        return False


def _read_undeclared(text: str, charset: str, language: str) -> tuple[bool, bool, bool]:
    """Return whether a page is read by its bytes, with its language declared, and by chardetng alone."""
    plain, declared = _page("", [text]), _page("", [text], language)
    body = plain.encode(charset)
    detector = EncodingDetector()
    detector.feed(body, last=True)
    bare = resolve_encoding(detector.guess(tld=None, allow_utf8=False)) or "cp1252"
    return (
        decode(body) == plain,
        decode(declared.encode(charset)) == declared,
        body.decode(bare, "replace") == plain,
    )


def _doubled(own: dict[str, Any], texts: Texts) -> Iterator[Row]:
    right: dict[tuple[str, str], list[bool]] = defaultdict(list)
    for language in own["languages"]:
        articles = [one["text"] for one in texts.get(language, ()) if one["kind"] == "article"]
        for text in articles[: own["articles"]]:
            for encoding in own["encodings"]:
                for part, page, true in _doubled_pages(text, encoding):
                    right[part, _half(language)].append(decode(page.encode()) == true)
    for (part, half), some in sorted(right.items()):
        yield Row(STAGE, f"doubled {part}, {half}", len(some), "right text", mean(some))


def _doubled_pages(text: str, encoding: str) -> Iterator[tuple[str, str, str]]:
    """Yield what of a page is doubled, the page, and the page as it was meant."""
    sentences = _SENTENCE_END.split(text.translate(dict.fromkeys(map(ord, "<>&"), " ")))[
        : _PARAGRAPH * _PARAGRAPHS
    ]
    paragraphs = [" ".join(sentences[at : at + _PARAGRAPH]) for at in range(0, len(sentences), _PARAGRAPH)]
    title = " ".join(" ".join(sentences).split()[:8])[:100]
    right = _page(title, paragraphs)

    def misread(part: str) -> str:
        return _misread(part, encoding)

    def twice(part: str) -> str:
        return misread(misread(part))

    pages: list[tuple[str, Callable[[], str]]] = [
        ("pages", lambda: _page(misread(title), list(map(misread, paragraphs)))),
        ("pages, twice", lambda: _page(twice(title), list(map(twice, paragraphs)))),
        ("titles", lambda: right.replace(f"<title>{title}", f"<title>{misread(title)}")),
        ("paragraphs", lambda: _page(title, [misread(paragraphs[0]), *paragraphs[1:]])),
    ]
    for part, page in pages:
        if (doubled := page()) != right:
            yield part, doubled, right


def _misread(text: str, encoding: str) -> str:
    """Return `text` as it looks when its UTF-8 is read in `encoding`, with C1 controls for what that lacks."""
    characters = [bytes([byte]).decode(encoding, "ignore") or chr(byte) for byte in range(256)]
    return "".join(map(characters.__getitem__, text.encode()))


def _page(title: str, paragraphs: list[str], language: str | None = None) -> str:
    lang = f' lang="{language}"' if language else ""
    body = "".join(f"<p>{paragraph}</p>" for paragraph in paragraphs)
    head = f"<html{lang}><head><title>{title}</title><script>var a = 12;</script></head>"
    return f"<!DOCTYPE html>{head}<body><h1>{title}</h1>{body}<p>&copy; 2009 Example</p></body></html>"


def _texts(file: Path) -> Texts:
    texts: Texts = defaultdict(list)
    with gzip.open(file, "rt", encoding="utf-8") as lines:
        for one in map(json.loads, lines):
            texts[one["lang"]].append(one)
    return texts


def _half(language: str) -> str:
    return HALVES[blake2b(language.encode(), digest_size=1).digest()[0] & 1]
