"""The script that a text is written in, and the languages that use a script."""

import re
from bisect import bisect_right
from collections import Counter
from dataclasses import dataclass
from functools import cache

#: Ranges of code points and their script (ISO 15924; Unicode's Blocks.txt). Chinese characters are `Hani` here.
_RANGES = (
    *((0x41, 0x5A, "Latn"), (0x61, 0x7A, "Latn"), (0xAA, 0xAA, "Latn"), (0xBA, 0xBA, "Latn")),
    *((0xC0, 0xD6, "Latn"), (0xD8, 0xF6, "Latn"), (0xF8, 0x2AF, "Latn")),
    *((0x370, 0x3FF, "Grek"), (0x400, 0x52F, "Cyrl"), (0x530, 0x58F, "Armn"), (0x590, 0x5FF, "Hebr")),
    *((0x600, 0x6FF, "Arab"), (0x750, 0x77F, "Arab"), (0x780, 0x7BF, "Thaa"), (0x7C0, 0x7FF, "Nkoo")),
    *((0x870, 0x8FF, "Arab"), (0x900, 0x97F, "Deva"), (0x980, 0x9FF, "Beng"), (0xA00, 0xA7F, "Guru")),
    *((0xA80, 0xAFF, "Gujr"), (0xB00, 0xB7F, "Orya"), (0xB80, 0xBFF, "Taml"), (0xC00, 0xC7F, "Telu")),
    *((0xC80, 0xCFF, "Knda"), (0xD00, 0xD7F, "Mlym"), (0xD80, 0xDFF, "Sinh"), (0xE00, 0xE7F, "Thai")),
    *((0xE80, 0xEFF, "Laoo"), (0xF00, 0xFFF, "Tibt"), (0x1000, 0x109F, "Mymr"), (0x10A0, 0x10FF, "Geor")),
    *((0x1100, 0x11FF, "Hang"), (0x1200, 0x139F, "Ethi"), (0x13A0, 0x13FF, "Cher"), (0x1780, 0x17FF, "Khmr")),
    *((0x1800, 0x18AF, "Mong"), (0x1C50, 0x1C7F, "Olck"), (0x1C90, 0x1CBF, "Geor"), (0x1E00, 0x1EFF, "Latn")),
    *((0x1F00, 0x1FFF, "Grek"), (0x2C60, 0x2C7F, "Latn"), (0x2D00, 0x2D2F, "Geor"), (0x2D30, 0x2D7F, "Tfng")),
    *((0x2D80, 0x2DDF, "Ethi"), (0x2DE0, 0x2DFF, "Cyrl"), (0x3041, 0x30FA, "Kana"), (0x30FC, 0x30FF, "Kana")),
    *((0x3130, 0x318F, "Hang"), (0x3400, 0x4DBF, "Hani"), (0x4E00, 0x9FFF, "Hani"), (0xA000, 0xA4CF, "Yiii")),
    *((0xA640, 0xA69F, "Cyrl"), (0xA722, 0xA7FF, "Latn"), (0xA8E0, 0xA8FF, "Deva"), (0xA9E0, 0xA9FF, "Mymr")),
    *((0xAA60, 0xAA7F, "Mymr"), (0xAB00, 0xAB2F, "Ethi"), (0xAB70, 0xABBF, "Cher"), (0xABC0, 0xABFF, "Mtei")),
    *((0xAC00, 0xD7FF, "Hang"), (0xF900, 0xFAFF, "Hani"), (0xFB13, 0xFB17, "Armn"), (0xFB1D, 0xFB4F, "Hebr")),
    *((0xFB50, 0xFDFF, "Arab"), (0xFE70, 0xFEFC, "Arab"), (0xFF21, 0xFF3A, "Latn"), (0xFF41, 0xFF5A, "Latn")),
    *((0xFF66, 0xFF9F, "Kana"), (0x20000, 0x3134F, "Hani")),
)
_STARTS = [start for start, _, _ in _RANGES]

#: Languages of the scripts that one or two languages are published in, the usual one first.
LANGUAGES_BY_SCRIPT = {
    "Armn": ("hy",),
    "Cher": ("chr",),
    "Ethi": ("am", "ti"),
    "Geor": ("ka",),
    "Grek": ("el",),
    "Gujr": ("gu",),
    "Guru": ("pa",),
    "Hang": ("ko",),
    "Hebr": ("he", "yi"),
    "Kana": ("ja",),
    "Khmr": ("km",),
    "Knda": ("kn",),
    "Laoo": ("lo",),
    "Mlym": ("ml",),
    "Mong": ("mn",),
    "Mtei": ("mni",),
    "Mymr": ("my",),
    "Nkoo": ("nqo",),
    "Olck": ("sat",),
    "Orya": ("or",),
    "Sinh": ("si",),
    "Taml": ("ta",),
    "Telu": ("te",),
    "Tfng": ("zgh",),
    "Thaa": ("dv",),
    "Thai": ("th",),
    "Tibt": ("bo", "dz"),
    "Yiii": ("ii",),
}
#: Letters that a character of these scripts counts for: a Chinese text has a third of its translation's characters.
_WEIGHT = {"Hani": 3, "Kana": 2, "Hang": 2}
#: Minimum share of kana, by those weights, in Japanese. Of 200 sentences all but one, a list of organs, have 30 % or
#: more. Chinese has a single one at most.
_MIN_KANA = 0.1
# Letters of Shan that Burmese does not use; they share the others.
_SHAN = re.compile("[\u1075-\u108d]")
_SHAN_SHARE = 0.1
# Letters of Mon and of the Karen languages that Burmese does not use.
_MON = re.compile("[\u1028\u1033-\u1035\u105a-\u1074\u108e]")
_MON_SHARE = 0.01


@dataclass(frozen=True, slots=True)
class DominantScript:
    """The most frequent script of a text (ISO 15924), and the share of the letters in it, 0 to 1."""

    script: str
    share: float


def dominant_script(text: str) -> DominantScript | None:
    """Return the most frequent script of `text`, None where there are no letters.

    A text with a tenth of kana is Japanese, `Kana`.
    """
    weights: Counter[str] = Counter()
    for character, count in Counter(text).items():
        if script := _script(character):
            weights[script] += count * _WEIGHT.get(script, 1)
    if not weights:
        return None
    if weights["Kana"] > _MIN_KANA * (weights["Kana"] + weights["Hani"]):
        weights["Kana"] += weights.pop("Hani", 0)
    script, weight = weights.most_common(1)[0]
    return DominantScript(script, weight / weights.total())


def languages_of(script: str, text: str) -> tuple[str, ...]:
    """Return the languages that use `script`, the most frequent first; none where there are many."""
    if script == "Mymr" and len(_SHAN.findall(text)) > len(text) * _SHAN_SHARE:
        return ("shn",)
    if script == "Mymr" and len(_MON.findall(text)) > len(text) * _MON_SHARE:
        return ("und",)
    return LANGUAGES_BY_SCRIPT.get(script, ())


def is_traditional(text: str) -> bool:
    """Return whether the Chinese characters of `text` are traditional."""
    return sum(_traditional_score(character) for character in text) > 0


def iso_script(script: str, text: str) -> str:
    """Return the ISO 15924 code of a text's script: `Hans` or `Hant` for Chinese, `Jpan`, `Kore`."""
    if script == "Hani":
        return "Hant" if is_traditional(text) else "Hans"
    return {"Kana": "Jpan", "Hang": "Kore"}.get(script, script)


@cache
def _script(character: str) -> str | None:
    start, end, script = _RANGES[bisect_right(_STARTS, ord(character)) - 1]
    return script if start <= ord(character) <= end else None


@cache
def _traditional_score(character: str) -> int:
    """Return 1 for a character of the traditional set only, -1 for one of the simplified set only, else 0.

    The sets are Big5 and GB 2312: 8,678 characters are in Big5 only, 2,380 in GB 2312 only.
    """
    return _has(character, "big5") - _has(character, "gb2312")


def _has(character: str, encoding: str) -> bool:
    try:
        character.encode(encoding)
    except UnicodeEncodeError:
        return False
    return True
