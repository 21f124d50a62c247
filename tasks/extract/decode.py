"""Decoding a page: the declared encoding is used if the bytes are consistent with it.

The order is the WHATWG's (HTML, 13.2.3.2, "determining the character encoding"), with one change: bytes that are valid
UTF-8 are UTF-8, whatever is declared.
"""

import re

from charset_normalizer import from_bytes
from w3lib.encoding import html_body_declared_encoding, read_bom, resolve_encoding, to_unicode

#: Minimum number of valid characters outside ASCII for each invalid byte. A page with one invalid byte has hundreds.
#: Texts of 24 languages in their older encodings, read as UTF-8, have at most 0.68 (Japanese); in the Latin alphabet none.
VALID_FOR_EACH_INVALID = 1

# Codecs of Python that are no encodings of pages. punycode also takes quadratic time.
_NOT_ON_THE_WEB = ("idna", "punycode", "raw-unicode-escape", "unicode-escape")
# Encodings whose bytes may all be ASCII, so that they are valid UTF-8, too.
_LIKE_ASCII = re.compile(r"utf-(?:16|32)|iso2022|hz")

#: Encodings of pages that declare none, by `<html lang>` (the WHATWG's table of default encodings by locale);
#: windows-1252 for other languages.
_BY_LANGUAGE = {
    **dict.fromkeys((b"bs", b"cs", b"hr", b"hu", b"pl", b"ro", b"sk", b"sl"), ("cp1250",)),
    **dict.fromkeys((b"be", b"bg", b"kk", b"mk", b"ru", b"sr", b"uk"), ("cp1251", "koi8_r")),
    **dict.fromkeys((b"az", b"ku", b"tr"), ("cp1254",)),
    **dict.fromkeys((b"et", b"lt", b"lv"), ("cp1257",)),
    **dict.fromkeys((b"ar", b"fa", b"ur"), ("cp1256",)),
    b"el": ("cp1253",),
    b"he": ("cp1255",),
    b"ja": ("cp932", "euc_jp"),
    b"ko": ("cp949",),
    b"th": ("cp874",),
    b"vi": ("cp1258",),
    b"zh": ("gb18030", "big5"),
}
# Without a list to choose from charset_normalizer also returns EBCDIC and Macintosh code pages.
_OTHER_ALPHABETS = (
    *("cp1251", "koi8_r", "cp1253", "cp1255", "cp1256", "cp874"),
    *("gb18030", "big5", "cp932", "euc_jp", "cp949"),
)
_LANGUAGE = re.compile(rb"<html\b[^<>]*?\blang\s*=\s*[\"']?([a-z]{2})", re.IGNORECASE)
_NOT_ASCII = re.compile(r"[^\x00-\x7f]")
_TAG = re.compile(rb"<[^<>]*>")
_HIGH = re.compile(rb"[\x80-\xff]")
_RUN = re.compile(rb"[\x80-\xff]{3,}")
#: Bytes that charset_normalizer gets: enough for its statistics, and at most a few milliseconds.
_SAMPLE = 10_000


def decode(body: bytes, charset: str | None = None) -> str:
    """Return the text of `body`, a page or a plain text. Never raises: bytes that are invalid become U+FFFD.

    `charset` is the label in the Content-Type header. In this order: a byte order mark; UTF-8 if the bytes are valid
    (few invalid ones are accepted); the header; `<meta>`; a guess.
    """
    encoding, mark = read_bom(body)
    if encoding is not None and mark is not None:
        return to_unicode(body[len(mark) :], encoding)
    declared = _declared(body, charset)
    like_ascii = [encoding for encoding in declared if _LIKE_ASCII.match(encoding)]
    for encoding in (*like_ascii, "utf-8", *declared):
        text = _read(body, encoding)
        if text is not None:
            return text
    return to_unicode(body, guess(body))


def _declared(body: bytes, charset: str | None) -> list[str]:
    """Return the encodings that header and page declare, without impossible ones."""
    header = resolve_encoding(charset) if charset else None
    named = (encoding for encoding in (header, html_body_declared_encoding(body)) if encoding)
    return [encoding for encoding in named if _is_possible(encoding, body)]


def _is_possible(encoding: str, body: bytes) -> bool:
    """Return whether `body` can be in `encoding`: markup in UTF-16 or UTF-32 always contains NUL."""
    return encoding not in _NOT_ON_THE_WEB and (
        b"\0" in body or not encoding.startswith(("utf-16", "utf-32"))
    )


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


def guess(body: bytes) -> str:
    """Return the most likely encoding of a page that declares none and is not UTF-8."""
    language = _LANGUAGE.search(body)
    words = _TAG.sub(b" ", body)
    candidates = _BY_LANGUAGE.get(language[1].lower()) if language else None
    if candidates is None:
        candidates = ("cp1252",) if _is_latin(words) else _OTHER_ALPHABETS
    if len(candidates) == 1:
        return candidates[0]
    match = from_bytes(words[:_SAMPLE], cp_isolation=list(candidates)).best()
    return match.encoding if match else candidates[0]


def _is_latin(words: bytes) -> bool:
    """Return whether a text is in the Latin alphabet: in others, bytes outside ASCII come in long runs."""
    long_runs = sum(map(len, _RUN.findall(words)))
    return long_runs * 2 < len(_HIGH.findall(words))
