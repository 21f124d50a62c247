"""A byline as pieces: what is written by hand around names, such as labels, brackets, dates, addresses."""

# ruff: noqa: RUF001, RUF003 - typographic colons, bars and brackets

import re
from collections.abc import Iterator, Mapping
from html import unescape
from typing import Literal, NamedTuple

from tasks.extract.authors.words import LONGEST_PHRASE, words

#: Characters of a byline that are looked at: one of twenty names has 400.
LONGEST_BYLINE = 1_000
#: Characters of the longest label of Han, kana or hangul, which have no spaces before them.
_LONGEST_LABEL = 6

Role = Literal["writer", "editor", "other"]


class Piece(NamedTuple):
    """A part of a byline, and what its label says of the names in it; `labelled` is false where it has none."""

    role: Role
    text: str
    labelled: bool


_BYLINE_TAG = re.compile(r"<[^<>]*>")
_BYLINE_UNSEEN = re.compile("[\u00ad\u200b\u200e\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff]")
_BYLINE_ADDRESS = re.compile(r"https?://[^\s|]*|www\.[^\s|]*|(?<![^\s|])[^\s|]{1,64}@[^\s|]*|@[^\s|]+")
_BYLINE_BRACKETS = re.compile(r"[(\[（【〔［]([^()\[\]（）【】〔〕［］]{0,100})[)\]）】〕］]")
_BYLINE_SEPARATOR = re.compile(
    r"[|｜│•●▪◆⋅\n\t;；]|(?<=\s)[-–—―/·・∙](?=\s)|[—–―](?=\s)|(?<=\s)[—–―]|／(?=\s)"
)
_LABEL_END = re.compile(r"[:：=＝／/﹕]")
#: Labels of Chinese, Japanese and Korean that have a name behind them without a colon.
_BARE_LABEL = re.compile(
    r"(?:(?<=^)|(?<=[\s、，,)）】〕]))((?:\w{0,8}(?:本报|本報|特约|特約|实习|首席|见习|社|网|網|报|報))?)"
    r"(记者|記者|通讯员|通訊員|责编|責編|责任编辑|作者|撰文|編輯|编辑|기자)[ \u3000]*(?=[\u3400-\u9fff\uac00-\ud7af]{2})"
)
#: Labels of Japanese with a dot or a space behind them: "文・山本花子", and a place with an equals sign: "【ロンドン＝山本花子】".
_DOTTED_LABEL = re.compile(
    r"(?<![^\s|、，])(글·사진|글・사진|文・写真|写真・文|取材・文|構成・文|文|写真|撮影|取材|執筆|構成|編集|글|사진)[・· ](?=[^\s・]{2})"
)
_PLACE_BEFORE = re.compile(
    r"(?<![^\s|【〔(（])([\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]{1,8})\s?[=＝](?=\s?[\u3400-\u9fff\uac00-\ud7af]{2})"
)
#: "／台北報導" behind a reporter: where the report is from.
_REPORT = re.compile(r"[／/ ][^／/、，,|]{0,12}(?:報導|報道|报道|电)(?=$|[\s〕】)])")


def pieces(text: str) -> Iterator[Piece]:
    """Yield the pieces of a byline between separators, without tags, unseen characters, addresses and what is in brackets.

    What is in brackets comes as a piece of its own, of no writer, since an agency may be in it.
    """
    text = plain(text)
    role: Role = "writer"
    labelled = False
    outside, inside = _brackets(text)
    outside = _PLACE_BEFORE.sub(_without_place, _DOTTED_LABEL.sub(r"|\1：", outside))
    alone = False
    for place, segment in enumerate(_BYLINE_SEPARATOR.split(_REPORT.sub("|", outside))):
        if place == 0 and (label := _label(segment.strip(), words().labels)) and label == segment.strip():
            role, labelled, alone = (
                _role_of(label),
                True,
                True,
            )  # "Author|Carla Nunn|Monday": of the next segment
        elif segment and not segment.isspace():
            for piece in _labelled(_BARE_LABEL.sub(_with_colon, segment.strip()), role, labelled):
                role, _, labelled = piece
                yield piece
            if place == 1 and alone:
                role, labelled = "writer", False
    for one in inside:
        if _BARE_LABEL.match(one):  # "新华社北京3月5日电（记者李明）"
            yield from _labelled(_BARE_LABEL.sub(_with_colon, one), "other", labelled=False)
        else:
            yield Piece("other", one, labelled=False)


def plain(text: str) -> str:
    """Return the text of a byline without markup, zero-width characters and addresses."""
    text = text[:LONGEST_BYLINE]
    if "&" in text:
        text = unescape(unescape(text))
    if "<" in text:
        text = _BYLINE_TAG.sub(" ", text)
    text = _BYLINE_UNSEEN.sub(" ", text).replace("\xa0", " ").replace("\u3000", " ")
    if "@" in text or "://" in text or "www." in text:
        text = _BYLINE_ADDRESS.sub("|", text)
    return text.strip()


def _brackets(text: str) -> tuple[str, list[str]]:
    """Return the text outside of brackets, and those inside; what is all in brackets is outside."""
    found = _BYLINE_BRACKETS.fullmatch(text)
    if found:
        text = found[1]
    return _BYLINE_BRACKETS.sub(" ", text), [one[1] for one in _BYLINE_BRACKETS.finditer(text)]


def _without_place(found: re.Match[str]) -> str:
    return found[0] if found[1] in words().labels else "|"


def _with_colon(found: re.Match[str]) -> str:
    return f"{found[1]}|{found[2]}：" if found[1] and words().agency_in(found[1]) else f"{found[2]}："


def _labelled(segment: str, role: Role, labelled: bool) -> Iterator[Piece]:
    """Yield the pieces of a segment between labels. A label holds to the next one, also over separators."""
    known = words().labels
    start, in_row = 0, False
    for end in _LABEL_END.finditer(segment):
        before = segment[start : end.start()]
        label = _label(before.rstrip(), known)
        if end[0] in "／/" and not (label and label[0] > "\u3000"):
            continue
        if label is None:
            continue
        rest = before.rstrip()[: -len(label)].strip(" ,、，·")
        if rest:
            yield from _split_agency(rest, role if in_row or start else "writer", labelled)
        role, labelled, start, in_row = _role_of(label), True, end.end(), True
    if not in_row and not labelled:
        role = "writer"
    rest = segment[start:].strip()
    if rest:
        yield from _split_agency(rest, role, labelled)
    elif in_row:
        yield Piece(role, "", labelled=True)


def _split_agency(text: str, role: Role, labelled: bool) -> Iterator[Piece]:
    yield from (Piece(role, one, labelled) for one in text.split("|") if one.strip())


def _role_of(label: str) -> Role:
    """Return what a label says of the names behind it; of "Autorin/Autor" the last word counts."""
    kind = words().labels[label.casefold().rpartition("/")[2]]
    return "writer" if kind == "writer" else "editor" if kind == "editor" else "other"


def _label(text: str, known: Mapping[str, str]) -> str | None:
    """Return the label that a text ends with, as it is written."""
    last = text.split(" ")[-LONGEST_PHRASE:]
    for at in range(len(last)):
        label = " ".join(last[at:])
        if label.casefold() in known or (
            "/" in label and all(one in known for one in label.casefold().split("/"))
        ):
            return label
    if text and text[-1] > "\u3000":
        for length in range(min(_LONGEST_LABEL, len(text)), 0, -1):
            if text[-length:] in known:
                return text[-length:]
    return None
