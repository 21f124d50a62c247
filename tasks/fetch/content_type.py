"""The content type of a body, by its first bytes (MIME sniffing); the header counts only where those do not tell.

Follows the WHATWG's MIME Sniffing Standard, with its list of signatures reduced to what news sites serve. In addition
XML is told apart by its root element, so that a feed is not taken for an article.
"""

import re
from codecs import BOM_UTF8, BOM_UTF16_BE, BOM_UTF16_LE

from tasks.errors import Reason, Rejected

#: Bytes examined (MIME Sniffing, 5.2: the resource header).
HEAD_BYTES = 1445

HTML = "text/html"
TEXT = "text/plain"

_SIGNATURES: tuple[tuple[int, bytes, str], ...] = (
    (0, b"%PDF-", "a PDF"),
    (0, b"%!PS-Adobe-", "PostScript"),
    (0, b"{\\rtf", "an RTF document"),
    (0, b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an old Office document"),
    (0, b"\x89PNG\r\n\x1a\n", "a PNG image"),
    (0, b"\xff\xd8\xff", "a JPEG image"),
    (0, b"GIF8", "a GIF image"),
    (8, b"WEBP", "a WebP image"),
    (4, b"ftypavif", "an AVIF image"),
    (4, b"ftyp", "an MP4 video"),
    (0, b"BM", "a BMP image"),
    (0, b"II*\0", "a TIFF image"),
    (0, b"MM\0*", "a TIFF image"),
    (0, b"\0\0\1\0", "an icon"),
    (0, b"ID3", "an MP3"),
    (0, b"OggS\0", "an Ogg file"),
    (8, b"WAVE", "a WAVE file"),
    (0, b"\x1aE\xdf\xa3", "a WebM video"),
    (0, b"PK\3\4", "a ZIP archive"),
    (0, b"\x1f\x8b\x08", "a gzip archive"),
    (0, b"Rar!\x1a\x07", "a RAR archive"),
    (0, b"7z\xbc\xaf\x27\x1c", "a 7z archive"),
    (0, b"BZh", "a bzip2 archive"),
    (0, b"\xfd7zXZ\0", "an xz archive"),
    (0, b"\x28\xb5\x2f\xfd", "a Zstandard archive"),
    (257, b"ustar", "a tar archive"),
    (0, b"wOFF", "a font"),
    (0, b"wOF2", "a font"),
)
#: Binary data bytes (MIME Sniffing, 3). Text that happens to begin like a picture ("BMW recalls ...") has none.
_BINARY = re.compile(rb"[\x00-\x08\x0b\x0e-\x1a\x1c-\x1f]")
_ASCII_SIGNATURES = frozenset(
    {b"BM", b"ID3", b"BZh", b"WEBP", b"WAVE", b"ftyp", b"ftypavif", b"GIF8", b"ustar"}
)

#: What may precede the root element: white space, comments, processing instructions, a doctype.
_PROLOG = re.compile(
    r"(?:\s++|<!--.*?(?:-->|\Z)|<\?.*?(?:>|\Z)|<!doctype\s++(?!html\b)[^>]*+(?:>|\Z))*+",
    re.IGNORECASE | re.DOTALL,
)
_ROOT = re.compile(r"<(?:!doctype\s++)?([a-z][\w.:-]*)", re.IGNORECASE)
#: Elements that begin a page or a fragment of one.
_HTML_ROOT = re.compile(
    "html|head|body|title|meta|link|base|script|style|noscript|iframe|template|main|article|section|header|footer"
    "|nav|aside|div|span|p|a|b|i|em|strong|br|hr|h[1-6]|ul|ol|li|dl|table|form|font|center|img|figure|picture"
    "|video|blockquote|pre|button|input|label"
)
_XML_ROOTS = {
    "rss": "an RSS feed",
    "rdf": "an RSS feed",
    "feed": "an Atom feed",
    "urlset": "a sitemap",
    "sitemapindex": "a sitemap",
    "svg": "an SVG image",
}
_JSON = re.compile(r"\s*+(?:\{\s*+(?:\"|\}\s*+\Z)|\[\s*+[\[{\"])")
#: Content-Types with which text without markup is taken for an article's text.
_TEXT_TYPES = frozenset({"", TEXT, "text/markdown", "application/octet-stream", "unknown/unknown", "*/*"})
_HTML_TYPES = frozenset({HTML, "application/xhtml+xml"})
_CHARSET = re.compile(r"charset\s*+=\s*+[\"']?([\w.:+-]{1,40})", re.IGNORECASE)


def sniff(head: bytes, header: str | None) -> str:
    """Return `text/html` or `text/plain`, the type of the body that begins with `head`.

    `header` is the Content-Type as sent. Raises Rejected(NOT_HTML) for any other type, which the detail names, and
    Rejected(NO_ARTICLE) for an empty body.
    """
    if not head:
        raise Rejected(Reason.NO_ARTICLE, "The body is empty.")
    _refuse_signature(head)
    text = _decode(head)
    declared = media_type(header)
    return _by_root(text) or _by_header(text, declared)


def media_type(header: str | None) -> str:
    """Return the media type of a Content-Type header, in lower case, without parameters; '' for none."""
    return (header or "").partition(";")[0].partition(",")[0].strip().lower()


def charset_of(header: str | None) -> str | None:
    """Return the charset that a Content-Type header names, in lower case; None if it names none."""
    found = _CHARSET.search(header or "")
    return found[1].lower() if found else None


def _refuse_signature(head: bytes) -> None:
    for offset, signature, name in _SIGNATURES:
        if head.startswith(signature, offset):
            if signature in _ASCII_SIGNATURES and not _BINARY.search(head):
                continue
            raise _refusal(name)


def _decode(head: bytes) -> str:
    """Return `head` as text in which markup can be recognised; Rejected(NOT_HTML) for binary data."""
    for mark, charset in ((BOM_UTF16_LE, "utf-16-le"), (BOM_UTF16_BE, "utf-16-be")):
        if head.startswith(mark):
            return head.removeprefix(mark).decode(charset, "replace")
    head = head.removeprefix(BOM_UTF8)
    text = head.decode("latin-1")  # every byte is a character; markup is ASCII
    if _BINARY.search(head) and not text.lstrip().startswith("<"):
        raise _refusal("binary data")
    return text


def _by_root(text: str) -> str | None:
    """Return the type by the root element; None where there is none, or an unknown one."""
    prolog = _PROLOG.match(text)
    start = prolog.end() if prolog else 0
    root = _ROOT.match(text, start)
    name = root[1].lower().rpartition(":")[2] if root else ""
    if _HTML_ROOT.fullmatch(name):
        return HTML
    if name in _XML_ROOTS:
        raise _refusal(_XML_ROOTS[name])
    if "<?xml" in text[:start].lower():
        raise _refusal(f"XML with the root {name!r}" if name else "XML")
    return None


def _by_header(text: str, declared: str) -> str:
    if "json" in declared or _JSON.match(text):
        raise _refusal("JSON")
    if declared in _HTML_TYPES:
        return HTML
    if declared in _TEXT_TYPES:
        return TEXT
    raise _refusal(f"text served as {declared[:60]!r}")


def _refusal(what: str) -> Rejected:
    return Rejected(Reason.NOT_HTML, f"The body is {what}.")
