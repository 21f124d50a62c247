"""The encoding of bytes that are not UTF-8 and whose encoding nobody declares, by chardetng, the detector of Firefox."""

import re

from chardetng_py import EncodingDetector  # type: ignore[import-untyped]
from w3lib.encoding import resolve_encoding

from tasks.extract.encoding.letters import alphabet_of, fitting, has_only_signs

_LANGUAGE_OF_ROOT = re.compile(rb"<html\b[^<>]{0,1000}?\blang\s*=\s*[\"']?([a-z]{2,3})\b", re.IGNORECASE)
_HIGH_BYTE = re.compile(rb"[\x80-\xff]")
#: Bytes that chardetng reads: a whole article. Where ASCII fills the beginning they start shortly before other bytes.
SAMPLE = 100_000
_BEFORE = 100
#: The beginning of Japanese in ISO-2022-JP, which has no byte outside ASCII; the least share of kana in Japanese, and the
#: most of what Python cannot read (signs of NEC). One such beginning in an English page makes Han of the rest, without kana.
_ESCAPES = (b"\x1b$B", b"\x1b$@")
_LEAST_KANA, _MOST_UNREAD = 0.1, 0.05
_NOT_ASCII_TEXT = re.compile(r"[^\x00-\x7f]")
_KANA = re.compile(r"[\u3040-\u30ff]")


def guess(body: bytes, domain: str | None = None) -> str:
    """Return Python's name of the most likely encoding of `body`, a page or a part of a list, that is not UTF-8.

    chardetng is not told `<html lang>` or `domain`, the last label of the host's name: it would believe them, and they are
    wrong on many pages. They count where another encoding gives the letters of that language (letters.py). windows-1252 for
    what has nothing to tell by.
    """
    if is_iso_2022_jp(body):
        return "iso2022_jp"
    first = _HIGH_BYTE.search(body)
    if first is None:
        return "cp1252"
    start = max(0, first.start() - _BEFORE) if first.start() > SAMPLE // 2 else 0
    sample = body[start : start + SAMPLE]
    detector = EncodingDetector()
    detector.feed(sample, last=True)
    encoding = resolve_encoding(detector.guess(tld=None, allow_utf8=False)) or "cp1252"
    language = _LANGUAGE_OF_ROOT.search(body, 0, SAMPLE)
    alphabet = alphabet_of(language[1].lower().decode() if language else None, domain)
    if alphabet:
        return fitting(sample, encoding, alphabet)
    return "cp1252" if has_only_signs(sample, encoding) else encoding


def is_iso_2022_jp(body: bytes) -> bool:
    """Return whether `body` is Japanese in ISO-2022-JP, by its escapes and its kana."""
    start = min((at for at in map(body.find, _ESCAPES) if at >= 0), default=-1)
    if start < 0 or not body.isascii():
        return False
    text = body[start : start + SAMPLE].decode("iso2022_jp", "replace")
    found = len(_NOT_ASCII_TEXT.findall(text))
    return len(_KANA.findall(text)) >= _LEAST_KANA * found and text.count("\ufffd") <= _MOST_UNREAD * found
