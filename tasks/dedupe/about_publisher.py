"""What ends a press release: who its house is, and whom to ask. All releases of a house have it, so it makes no copies."""

# ruff: noqa: RUF001 - headings as pages have them

import re

#: What the heading of that part begins with, before the name of the house; a line a language or a family.
_BEFORE = (
    *("About",),  # English
    *("Über",),  # German
    *("À propos de", "À propos du", "A propos de", "Qui est"),  # French
    *("Acerca de", "Sobre"),  # Spanish, Portuguese
    *("Informazioni su", "A proposito di", "Chi è"),  # Italian
    *("Over",),  # Dutch
    *("Om",),  # Danish, Norwegian, Swedish
    *("O firmie", "O společnosti", "O spoločnosti", "Despre"),  # Polish, Czech, Slovak, Romanian
    *("О компании", "О группе", "Про компанію", "За компанията"),  # Russian, Ukrainian, Bulgarian
    *("Σχετικά με την", "Σχετικά με τη", "Σχετικά με το"),  # Greek
    *("Về", "Tentang"),  # Vietnamese, Indonesian
    *("نبذة عن", "حول", "درباره"),  # Arabic, Persian
)
#: The same where no space follows: Chinese.
_BEFORE_HAN = ("关于", "關於")
#: What it ends with, after the name.
_AFTER = (
    *(" hakkında", " Hakkında"),  # Turkish
    *("について",),  # Japanese
    *(" 소개", "에 대하여"),  # Korean
    *(" के बारे में",),  # Hindi
)
#: Characters of the longest heading, of the longest such part, and of its first paragraph that are looked at for the house.
_LONGEST_HEADING, _LONGEST_PART, _LOOKED_AT = 80, 4_000, 300
#: Share of the text that is before it, at least.
_STORY = 0.25

_NAME_WORD = re.compile(r"[^\W_]{2,}")


def without_publisher(text: str) -> str:
    """Return a text without the part "About X" at its end: from a line that says so, where the next paragraph names X.

    The same text where there is none.
    """
    start = int(len(text) * _STORY)
    at = text.find("\n", max(start, len(text) - _LONGEST_PART))
    while at != -1:
        end = text.find("\n", at + 1)
        if end == -1:
            return text
        heading = text[at + 1 : end].strip(" :") if end - at <= _LONGEST_HEADING else ""
        subject = _subject(heading)
        if subject and subject in text[end : end + _LOOKED_AT].casefold():
            return text[:at]
        at = end
    return text


def _subject(heading: str) -> str:
    """Return the first word of whom a heading is about, in lower case; empty for any other line."""
    if not heading or heading[-1] in ".!?。！？":
        return ""
    for before in _BEFORE:
        if heading.startswith(before + " "):
            return _first_word(heading[len(before) :])
    for han in _BEFORE_HAN:
        if heading.startswith(han):
            return heading[len(han) : len(han) + 2]
    for after in _AFTER:
        if heading.endswith(after):
            return _first_word(heading[: -len(after)])
    return ""


def _first_word(name: str) -> str:
    """Return the first word of a name that is no article: one with a capital, or any in scripts without capitals."""
    words: list[str] = _NAME_WORD.findall(name)
    return next((word.casefold() for word in words if not word.islower()), "")
