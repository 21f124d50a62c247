"""The encoding of bytes that are not UTF-8 and whose encoding nobody declares, by chardetng, the detector of Firefox."""

import re

from chardetng_py import EncodingDetector  # type: ignore[import-untyped]
from w3lib.encoding import resolve_encoding

#: The top-level domain of a language, of which chardetng makes the candidates it prefers. No `sr`, which has two alphabets
#: (with rs, its Latin letters are read as windows-1252). No `zh`: it writes both GB 18030
#: and Big5, which chardetng tells apart better without (of 8 pages in Big5, 4 were read as GB 18030 with it).
_DOMAINS = dict(
    pair.split(":")
    for pair in [
        "ar:sa",
        "az:az",
        "be:by",
        "bg:bg",
        "bs:ba",
        "cs:cz",
        "da:dk",
        "de:de",
        "el:gr",
        "es:es",
        "et:ee",
        "fa:ir",
        "fi:fi",
        "fr:fr",
        "he:il",
        "hr:hr",
        "hu:hu",
        "is:is",
        "it:it",
        "ja:jp",
        "kk:kz",
        "ko:kr",
        "ku:tr",
        "lt:lt",
        "ltg:lv",
        "lv:lv",
        "mk:mk",
        "nb:no",
        "nl:nl",
        "nn:no",
        "pl:pl",
        "pt:pt",
        "ro:ro",
        "ru:ru",
        "sk:sk",
        "sl:si",
        "sq:al",
        "sv:se",
        "th:th",
        "tr:tr",
        "uk:ua",
        "ur:pk",
        "vi:vn",
    ]
)
_LANGUAGE_OF_ROOT = re.compile(rb"<html\b[^<>]{0,1000}?\blang\s*=\s*[\"']?([a-z]{2,3})\b", re.IGNORECASE)
_HIGH_BYTE = re.compile(rb"[\x80-\xff]")
#: Bytes that chardetng reads: a whole article. Where ASCII fills the beginning they start shortly before other bytes.
SAMPLE = 100_000
_BEFORE = 100
#: The beginning of Japanese in ISO-2022-JP, which has no byte outside ASCII.
ESCAPES = (b"\x1b$B", b"\x1b$@")


def guess(body: bytes, domain: str | None = None) -> str:
    """Return Python's name of the most likely encoding of `body`, a page or a part of a list, that is not UTF-8.

    `<html lang>` counts as evidence, and where there is none, `domain`, the last label of the host's name, e.g. `pl`.
    windows-1252 for what has nothing to tell by.
    """
    if any(escape in body for escape in ESCAPES):
        return "iso2022_jp"
    first = _HIGH_BYTE.search(body)
    if first is None:
        return "cp1252"
    start = max(0, first.start() - _BEFORE) if first.start() > SAMPLE // 2 else 0
    detector = EncodingDetector()
    detector.feed(body[start : start + SAMPLE], last=True)
    label = detector.guess(tld=_evidence(body, domain), allow_utf8=False)
    return resolve_encoding(label) or "cp1252"


def _evidence(body: bytes, domain: str | None) -> bytes | None:
    """Return the top-level domain that chardetng is told: that of the declared language before that of the host."""
    found = _LANGUAGE_OF_ROOT.search(body, 0, SAMPLE)
    of_language = _DOMAINS.get(found[1].lower().decode()) if found else None
    if of_language:
        return of_language.encode()
    plain = domain is not None and domain.isascii() and domain.isalpha()
    return domain.lower().encode() if domain and plain else None
