"""Line breaks of the source: between characters of Han or kana they are no space, as a browser shows it (CSS Text 3, 4.1.2)."""

# ruff: noqa: RUF001 - punctuation of Chinese

import re

# CJK punctuation, kana, Han, fullwidth forms. Without U+3000, an ideographic space, which begins a paragraph. Hangul has spaces.
_WIDE = "\u3001-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uff01-\uff60\U00020000-\U0003134f"
_SOURCE_BREAK = re.compile(rf"(?<=[{_WIDE}])[ \t]*+\r?\n[ \t\r\n]*+(?=[{_WIDE}])")
#: One of these is on every page in Chinese or Japanese; looking for them takes a hundredth of the time of the expression.
_USUAL = "。，、的の"
_PREFORMATTED = re.compile(r"(<pre\b|</pre\s*+>)", re.IGNORECASE)


def join_lines(markup: str) -> str:
    """Return `markup` without line breaks between wide characters; those in `<pre>` are shown, and stay."""
    if markup.isascii() or not any(one in markup for one in _USUAL):
        return markup
    parts = _PREFORMATTED.split(markup)
    inside = False
    for index, part in enumerate(parts):
        if index % 2:
            inside = part[1] != "/"
        elif not inside:
            parts[index] = _SOURCE_BREAK.sub("", part)
    return "".join(parts)
