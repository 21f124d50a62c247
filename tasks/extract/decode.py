"""From bytes to characters: what a page declares is believed where the bytes bear it out.

The order follows the WHATWG's (HTML, 13.2.3.2, "determining the character encoding"), with one change that
serves text rather than compatibility: bytes that prove to be UTF-8 are UTF-8, whatever is declared.
"""

import re

from charset_normalizer import from_bytes
from w3lib.encoding import html_body_declared_encoding, read_bom, resolve_encoding, to_unicode

#: Characters outside ASCII that must have come out right for each one that did not. A page with one bad byte has
#: hundreds; texts of 24 languages in their older encodings, read as UTF-8, have at most .68 (Japanese), those in
#: the Latin alphabet none.
GOOD_FOR_ONE_BAD = 1

# Python's codecs that no page is written in; punycode takes quadratic time besides.
_NOT_OF_THE_WEB = ("idna", "punycode", "raw-unicode-escape", "unicode-escape")
# Encodings whose bytes can all be ASCII, so that they pass for UTF-8.
_DISGUISED = re.compile(r"utf-(?:16|32)|iso2022|hz")

#: What undeclared pages are written in, by `<html lang>` (the WHATWG's table of default encodings by locale);
#: elsewhere windows-1252.
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
# Without a list to choose from charset_normalizer also answers with EBCDIC and Macintosh code pages.
_OTHER_ALPHABETS = (
    *("cp1251", "koi8_r", "cp1253", "cp1255", "cp1256", "cp874"),
    *("gb18030", "big5", "cp932", "euc_jp", "cp949"),
)
_LANGUAGE = re.compile(rb"<html\b[^<>]*?\blang\s*=\s*[\"']?([a-z]{2})", re.IGNORECASE)
_NOT_ASCII = re.compile(r"[^\x00-\x7f]")
_TAG = re.compile(rb"<[^<>]*>")
_HIGH = re.compile(rb"[\x80-\xff]")
_RUN = re.compile(rb"[\x80-\xff]{3,}")
#: Bytes shown to charset_normalizer: enough for its statistics, at most a few milliseconds.
_SAMPLE = 10_000


def decode(body: bytes, charset: str | None = None) -> str:
    """Return the text of `body`, a page or a document; never raises, what cannot be read becomes U+FFFD.

    `charset` is the label of the Content-Type header. In this order: a byte order mark, UTF-8 that proves
    itself (a stray bad byte is forgiven), the header, `<meta>`, a guess.
    """
    encoding, mark = read_bom(body)
    if encoding is not None and mark is not None:
        return to_unicode(body[len(mark) :], encoding)
    declared = _declared(body, charset)
    disguised = [encoding for encoding in declared if _DISGUISED.match(encoding)]
    for encoding in (*disguised, "utf-8", *declared):
        text = _read(body, encoding)
        if text is not None:
            return text
    return to_unicode(body, _guess(body))


def _declared(body: bytes, charset: str | None) -> list[str]:
    """Return the encodings that the header and the page name, without those that it cannot be in."""
    header = resolve_encoding(charset) if charset else None
    named = (encoding for encoding in (header, html_body_declared_encoding(body)) if encoding)
    return [encoding for encoding in named if _is_possible(encoding, body)]


def _is_possible(encoding: str, body: bytes) -> bool:
    """Tell whether `body` may be in `encoding`: no markup in UTF-16 or UTF-32 is without a NUL."""
    return encoding not in _NOT_OF_THE_WEB and (
        b"\0" in body or not encoding.startswith(("utf-16", "utf-32"))
    )


def _read(body: bytes, encoding: str) -> str | None:
    """Return `body` read in `encoding`, None where it is plainly not written in it."""
    try:
        text = to_unicode(body, encoding)
    except (LookupError, UnicodeError):  # a codec that is not from bytes to text, such as hex
        return None
    bad = text.count("\ufffd")
    if bad and len(_NOT_ASCII.findall(text)) - bad < bad * GOOD_FOR_ONE_BAD:
        return None
    return text


def _guess(body: bytes) -> str:
    """Return the likeliest encoding of a page that declares none and is not UTF-8."""
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
    """Tell a text with some accents from one in another alphabet, whose high bytes come in long runs."""
    long_runs = sum(map(len, _RUN.findall(words)))
    return long_runs * 2 < len(_HIGH.findall(words))
