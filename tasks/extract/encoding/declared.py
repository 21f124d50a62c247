"""The encoding that a page's own markup declares: `<meta>` after any number of bytes, as browsers do.

This is the WHATWG's prescan (HTML, 13.2.3.2, "prescan a byte stream to determine its encoding") with an end of its own: it
goes on to the last byte. A browser reads the page again when it comes to a `<meta>` behind its first 1,024 bytes.
"""

import re
from functools import cache

from w3lib.encoding import html_body_declared_encoding, resolve_encoding

#: Labels of the WHATWG's Encoding Standard that Python does not know, with a label that it knows.
_LABELS = {
    **dict.fromkeys(("unicode-1-1-utf-8", "unicode11utf8", "unicode20utf8", "x-unicode20utf8"), "utf-8"),
    **dict.fromkeys(
        ("csiso88598e", "csiso88598i", "iso-8859-8-e", "iso-8859-8-i", "visual", "logical"), "iso8859_8"
    ),
    **dict.fromkeys(("csiso88596e", "csiso88596i", "iso-8859-6-e", "iso-8859-6-i"), "iso8859_6"),
    **dict.fromkeys(("koi", "koi8"), "koi8_r"),
    "koi8-ru": "koi8_u",
    "x-user-defined": "cp1252",
    **dict.fromkeys(("csmacintosh", "mac", "x-mac-roman"), "mac_roman"),
    **dict.fromkeys(("x-mac-cyrillic", "x-mac-ukrainian"), "mac_cyrillic"),
    **{f"x-cp125{digit}": f"cp125{digit}" for digit in range(9)},
    **dict.fromkeys(("cn-big5", "x-x-big5"), "big5hkscs"),
    **dict.fromkeys(("x-gbk", "csgb2312", "gb_2312"), "gb18030"),
    **dict.fromkeys(("x-euc-jp", "cseucpkdfmtjapanese"), "euc_jp"),
    **dict.fromkeys(
        ("windows-949", "cseuckr", "csksc56011987", "iso-ir-149", "ksc_5601", "ks_c_5601-1989"), "cp949"
    ),
    "sun_eu_greek": "iso8859_7",
    **{f"iso8859{part}": f"iso8859_{part}" for part in (*range(2, 9), 10, 13, 14, 15)},
    "iso88591": "cp1252",
    "iso88599": "cp1254",
    "iso885911": "cp874",
    "csisolatin9": "iso8859_15",
    **dict.fromkeys(("csunicode", "iso-10646-ucs-2", "ucs-2", "unicode", "unicodefeff"), "utf-16-le"),
    "utf-16": "utf-16-le",
    "unicodefffe": "utf-16-be",
    "dos-874": "cp874",
}
#: Bytes in which a browser looks for `<meta>` wherever it is, in scripts as well; behind them only where it makes an element.
_PRESCAN = 1_024
#: ASCII, by which encodings are told that markup can be in.
#: Without `~` and the backslash, which HZ and Shift_JIS use otherwise.
_ASCII = bytes(byte for byte in range(0x20, 0x7F) if byte not in b"~\\") + b"\t\n\r"
# Codecs of Python that are no encodings of pages. punycode also takes quadratic time.
_NOT_ON_THE_WEB = ("idna", "punycode", "raw-unicode-escape", "unicode-escape")

# Every alternative takes all that it can, to the end of the page if need be: so the scan is linear.
_META_ATTRIBUTE = re.compile(
    rb"(?P<name>[^\s/>][^\s/>=]*+)"
    rb"(?:\s*+=\s*+(?:\"(?P<double>[^\"]*+)(?:\"|\Z)|'(?P<single>[^']*+)(?:'|\Z)|(?P<bare>[^\s>\"'][^\s>]*+)|(?=>|\Z)))?+"
)
_MARKUP = re.compile(
    rb"<!--(?:-?>|.*?(?:-->|\Z))"
    rb"|</?(?P<tag>[a-z][^\s/>]*+)(?P<attributes>(?:[\s/]*+[^\s/>][^\s/>=]*+"
    rb"(?:\s*+=\s*+(?:\"[^\"]*+(?:\"|\Z)|'[^']*+(?:'|\Z)|[^\s>\"'][^\s>]*+|(?=>|\Z)))?+)*+)[\s/]*+(?P<end>>|\Z)"
    rb"|<[!/?][^>]*+",
    re.IGNORECASE | re.DOTALL,
)
#: Ends of the elements whose text is no markup.
_RAW_TEXT_ENDS = {
    name: re.compile(rb"</" + name + rb"(?=[\s/>])", re.IGNORECASE)
    for name in (b"script", b"style", b"title", b"textarea")
}
_CONTENT_CHARSET = re.compile(
    rb"charset\s*+=\s*+(?:\"([^\"]*+)\"|'([^']*+)'|([^\s;\"'][^\s;]*+)|[\"'])", re.IGNORECASE
)
_LABEL = re.compile(r"[a-z0-9][a-z0-9_.:+-]*+")
_XML_ENCODING = re.compile(rb"<\?xml\s[^>]{0,200}?\bencoding\s{0,9}=\s{0,9}[\"']([\w.:-]{1,40})[\"']")


def encoding_of_label(label: str) -> str | None:
    """Return Python's name of the encoding that `label`, of a header or a page, means; None for a label without one.

    Encodings of markup alone have a name: not EBCDIC and not what is no encoding of characters, such as hex.
    """
    plain = label.strip().lower()
    if not _LABEL.fullmatch(plain):  # Python's own look-up leaves quotes out
        return None
    encoding = resolve_encoding(_LABELS.get(plain, plain))
    return encoding if encoding and _is_of_markup(encoding) else None


def declared_encoding(body: bytes) -> str | None:
    """Return Python's name of the encoding that the markup of `body` declares, None for none.

    The first label that names an encoding counts. UTF-16 in ASCII markup is UTF-8. An XML declaration counts where no
    `<meta>` does.
    """
    at = 0
    while found := _MARKUP.search(body, at):
        at = found.end()
        tag = (found["tag"] or b"").lower()
        if tag == b"meta" and found["end"]:
            encoding = _of_meta(found["attributes"])
            if encoding:
                return encoding
        elif at > _PRESCAN and tag in _RAW_TEXT_ENDS and body[found.start() + 1 : found.start() + 2] != b"/":
            end = _RAW_TEXT_ENDS[tag].search(body, at)
            at = end.start() if end else len(body)
    xml = _XML_ENCODING.match(body)
    return _of_markup(xml[1]) if xml else None


def likely_encoding(body: bytes) -> str | None:
    """Return what a `<meta>` seems to declare that browsers do not read, such as one with an unclosed quote; None for none."""
    encoding = html_body_declared_encoding(body)
    return _of_markup(encoding.encode()) if encoding else None


def _of_meta(attributes: bytes) -> str | None:
    """Return the encoding that a `<meta>` with these attributes declares: HTML, 13.2.3.2, step 2 of "a meta element"."""
    values: dict[bytes, bytes] = {}
    for found in _META_ATTRIBUTE.finditer(attributes):
        values.setdefault(found["name"].lower(), found["double"] or found["single"] or found["bare"] or b"")
    if b"charset" in values:
        return _of_markup(values[b"charset"])
    if values.get(b"http-equiv", b"").lower() != b"content-type":
        return None
    label = _CONTENT_CHARSET.search(values.get(b"content", b""))
    return _of_markup(label[1] or label[2] or label[3] or b"") if label else None


def _of_markup(label: bytes) -> str | None:
    """Return the encoding of a label in markup, which is read as ASCII."""
    encoding = encoding_of_label(label.decode("latin-1"))
    return "utf-8" if encoding and encoding.startswith(("utf-16", "utf-32")) else encoding


@cache
def _is_of_markup(encoding: str) -> bool:
    """Return whether markup can be in `encoding`: its ASCII is that of ASCII, or it is UTF-16 or UTF-32."""
    if encoding.startswith(("utf-16", "utf-32")):
        return True
    try:
        return encoding not in _NOT_ON_THE_WEB and _ASCII.decode(encoding) == _ASCII.decode()
    except (LookupError, UnicodeError, TypeError):
        return False
