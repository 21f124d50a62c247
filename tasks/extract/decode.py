"""Decoding a page: the declared encoding is used if the bytes are consistent with it.

The order is the WHATWG's (HTML, 13.2.3.2, "determining the character encoding"), with one change: bytes that are valid
UTF-8 are UTF-8, whatever is declared.
"""

import re

from w3lib.encoding import read_bom, to_unicode

from tasks.extract.encoding.declared import declared_encoding, encoding_of_label, likely_encoding
from tasks.extract.encoding.doubled import undoubled
from tasks.extract.encoding.guess import guess, is_iso_2022_jp
from tasks.urls import host_of

#: Minimum number of valid characters outside ASCII for each invalid byte. A page with one invalid byte has hundreds.
#: Texts of 24 languages in their older encodings, read as UTF-8, have at most 0.68 (Japanese); in the Latin alphabet none.
VALID_FOR_EACH_INVALID = 1

# Encodings whose bytes may all be ASCII, so that they are valid UTF-8, too.
_LIKE_ASCII = re.compile(r"utf-(?:16|32)|iso2022|hz")

#: What valid UTF-8 has where it may be in one of those: NUL, an escape, the beginning of Chinese in HZ.
_OTHER_THAN_UTF8 = (b"\0", b"\x1b", b"~{")
#: Bytes for each NUL in UTF-16, at most. A page in UTF-8 may have a few.
_NULS = 20
#: Bytes of a page by which UTF-16 and UTF-32 are told without a mark, which of every four of them are NUL there, and in
#: which share of the letters: the beginning of a page is markup, the rest may be another script.
_HEAD, _MOST, _FEW = 64, 0.4, 0.1
_WIDE = {"utf-16-le": "x0x0", "utf-16-be": "0x0x", "utf-32-le": "x000", "utf-32-be": "000x"}
_NOT_ASCII = re.compile(r"[^\x00-\x7f]")


def decode(body: bytes, charset: str | None = None, domain: str | None = None) -> str:
    """Return the text of `body`, a page or a plain text. Never raises: bytes that are invalid become U+FFFD.

    `charset` is the label in the Content-Type header, `domain` the last label of the host's name, e.g. `pl`. In this
    order: a byte order mark; UTF-8 if the bytes are valid (few invalid ones are accepted); the header; `<meta>`; a guess,
    for which `<html lang>` and `domain` count. UTF-8 that was misread and encoded again is read again.
    """
    encoding, mark = read_bom(body)
    if encoding is not None and mark is not None:
        body = body[len(mark) :]
        text = _read(body, encoding)
        if text is not None:
            return undoubled(text)
    if not any(sign in body for sign in _OTHER_THAN_UTF8):
        try:
            return undoubled(body.decode(), body)
        except UnicodeDecodeError:
            pass
    return undoubled(_decoded(body, charset, domain))


def domain_of(url: str) -> str:
    """Return the last label of the host's name in a `request_url`, e.g. `pl`; '' for a file."""
    return host_of(url).partition(":")[0].rpartition(".")[2]


def _decoded(body: bytes, charset: str | None, domain: str | None) -> str:
    wide = _wide(body)
    if wide is not None:
        return to_unicode(body, wide)
    declared = _declared(body, charset)
    like_ascii = [encoding for encoding in declared if _LIKE_ASCII.match(encoding)]
    if not declared and is_iso_2022_jp(body):
        like_ascii = ["iso2022_jp"]
    for encoding in (*like_ascii, "utf-8", *declared):
        text = _read(body, encoding)
        if text is not None:
            return text
    return to_unicode(body, guess(body, domain))


def _declared(body: bytes, charset: str | None) -> list[str]:
    """Return the encodings that header and page declare, without impossible ones."""
    header = encoding_of_label(charset) if charset else None
    declared = declared_encoding(body) or likely_encoding(body)
    named = (encoding for encoding in (header, declared) if encoding)
    return [encoding for encoding in named if _is_possible(encoding, body)]


def _is_possible(encoding: str, body: bytes) -> bool:
    """Return whether `body` can be in `encoding`: markup in UTF-16 or UTF-32 has NUL for each of its letters."""
    return not encoding.startswith(("utf-16", "utf-32")) or body.count(0) * _NULS >= len(body)


def _wide(body: bytes) -> str | None:
    """Return the encoding of a page whose first letters have two or four bytes each, None for others."""
    head = body[:_HEAD]
    nuls = [head[place::4].count(0) * 4 / _HEAD for place in range(4)]
    return next((encoding for encoding, places in _WIDE.items() if _are_nul(nuls, places)), None)


def _are_nul(nuls: list[float], places: str) -> bool:
    return all(nul >= _MOST if place == "0" else nul <= _FEW for nul, place in zip(nuls, places, strict=True))


def _read(body: bytes, encoding: str) -> str | None:
    """Return `body` decoded from `encoding`, None where it is clearly in another one."""
    try:
        text = to_unicode(body, encoding)
    except (LookupError, UnicodeError):  # a codec that does not decode to text, such as hex
        return None
    bad = text.count("\ufffd")
    if bad and len(_NOT_ASCII.findall(text)) - bad < bad * VALID_FOR_EACH_INVALID:
        return None
    return text
