"""The encoding that a page's own markup declares: `<meta>` after any number of bytes, as browsers do."""

import re
from itertools import islice

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
    "iso88591": "cp1252",
    "iso88592": "iso8859_2",
    **dict.fromkeys(("iso885915", "csisolatin9"), "iso8859_15"),
    "dos-874": "cp874",
}
# Comments and scripts are read over, so that what looks like a declaration in them is none.
_CHARSET_SCAN = re.compile(
    rb"<!--.*?(?:-->|\Z)"
    rb"|<(?:script|style)\b.*?(?:</(?:script|style)|\Z)"
    rb"|<meta(?=[\s/])(?:[^<>\"']|\"[^\"]{0,2000}\"|'[^']{0,2000}')*>?",
    re.IGNORECASE | re.DOTALL,
)
#: Comments, scripts and metas that are looked at: a page has at most hundreds.
_TAGS = 2_000


def encoding_of_label(label: str) -> str | None:
    """Return Python's name of the encoding that `label`, of a header or a page, means; None for a label without one."""
    return resolve_encoding(_LABELS.get(label.strip().lower(), label.strip()))


def declared_encoding(body: bytes) -> str | None:
    """Return Python's name of the encoding that the markup of `body` declares, None for none.

    The first label that names an encoding counts. UTF-16 in ASCII markup is UTF-8 (HTML, 13.2.3.2).
    """
    encoding = html_body_declared_encoding(body) or _anywhere(body)
    return "utf-8" if encoding and encoding.startswith("utf-16") else encoding


def _anywhere(body: bytes) -> str | None:
    for found in islice(_CHARSET_SCAN.finditer(body), _TAGS):
        tag = found[0]
        if tag[:5].lower() != b"<meta" or b"charset" not in tag.lower():
            continue
        encoding = html_body_declared_encoding(tag) or _of_odd_label(tag)
        if encoding:
            return encoding
    return None


_ODD_LABEL = re.compile(rb"charset\s{0,9}=\s{0,9}[\"']?\s{0,9}([\w:-]{2,40})", re.IGNORECASE)


def _of_odd_label(tag: bytes) -> str | None:
    """Return the encoding of a label that only the standard knows."""
    label = _ODD_LABEL.search(tag)
    known = _LABELS.get(label[1].decode("latin-1").lower()) if label else None
    return resolve_encoding(known) if known else None
