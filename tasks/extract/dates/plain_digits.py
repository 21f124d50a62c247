"""A string as dates are looked for in it: small letters, and digits of ASCII."""

import re

#: Characters of a string that are looked at.
LONGEST = 200
#: Marks of direction and width that stand between digits.
_UNSEEN = dict.fromkeys(
    (0x200B, 0x200E, 0x200F, 0x202A, 0x202B, 0x202C, 0x2066, 0x2067, 0x2069, 0xFEFF, 0xAD)
)
_DATE_DIGIT = re.compile(r"\d")
#: A decimal digit of another script.
_OTHER_DIGIT = re.compile(r"(?![0-9])\d")
_THAI_DOTS = re.compile(r"(?<=[\u0e01-\u0eff])\.")
#: Months of the Levant, and of Ireland, whose names have two words.
_TWO_WORDS = re.compile(r"(كانون|تشرين|me[aá]n|deireadh)\s{1,3}(ال[أاثو]|fómhair)", re.IGNORECASE)
#: Words for day, month and year in Khmer, which no space need part from what they stand before.
_KHMER_UNITS = re.compile("ថ្ងៃទី|ខែ|ឆ្នាំ")
_HAN = "〇零一二三四五六七八九"
_HAN_NUMBER = re.compile(rf"(?<![{_HAN}十])[{_HAN}十]{{1,4}}(?=\s?[年月日])")
_HAN_DIGITS = {one: str(max(0, place - 1)) for place, one in enumerate(_HAN)}


def has_digit(text: str) -> bool:
    """Tell whether `text` has a decimal digit of any script."""
    return _DATE_DIGIT.search(text) is not None


def may_have_date(text: str) -> bool:
    """Tell whether `text` has a digit, or a number in Han characters."""
    return has_digit(text) or ("年" in text and _HAN_NUMBER.search(text) is not None)


def plain(text: str) -> str:
    """Return the first LONGEST characters of a string in small letters, with digits of ASCII and without unseen marks.

    Numbers in Han characters are in digits, too, where they are a year, a month or a day.
    """
    text = text[:LONGEST]
    if text.isascii():
        return text.lower()
    text = _OTHER_DIGIT.sub(lambda one: str(int(one[0])), text.translate(_UNSEEN))
    text = _THAI_DOTS.sub("", text)
    text = _TWO_WORDS.sub(r"\1\2", text)
    text = _KHMER_UNITS.sub(" ", text)
    return _HAN_NUMBER.sub(_in_digits, text).lower()


def _in_digits(found: re.Match[str]) -> str:
    """Return a number in Han characters in digits: of a row of digits (二〇二一), or with tens (二十一)."""
    tens, ten, ones = found[0].partition("十")
    if not ten:
        return "".join(_HAN_DIGITS[one] for one in tens)
    if len(tens) > 1 or len(ones) > 1 or "十" in ones:
        return found[0]
    return str(int(_HAN_DIGITS[tens] if tens else 1) * 10 + int(_HAN_DIGITS[ones] if ones else 0))
