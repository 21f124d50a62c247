"""The names in a byline: "By Carla Nunn and Ivo Brandt, Reuters" has two persons and an agency."""

# ruff: noqa: RUF001 - commas of other scripts

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass

from tasks.extract.authors.labels import Piece, pieces
from tasks.extract.authors.parts import Part, part_of
from tasks.extract.authors.words import LONGEST_PHRASE, SURE_JOINS, words

#: Names that are taken from one byline.
MOST_NAMES = 50

_NAME_LIST = re.compile(r"[,،、，＆]|(?<=\s)[&+](?=\s)|(?<=[\uac00-\ud7af])[·ㆍ](?=[\uac00-\ud7af])")
# The Arabic and the Hebrew "and" are written at the next word. Given names that begin with that letter stay.
_PREFIXED_AND = re.compile(
    r"\s(?=\u0648(?!(?:ليد|ائل|سام|فاء|سيم|داد|جدي|هبة|ردة|ديع|هيب|اصف)(?!\w))\w{3})\u0648|\sו(?=\w{3})"
)
_CASELESS = re.compile("[\u0590-\u06ff\u0900-\u0dff\u0e00-\u0eff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")
#: Scripts in which one word is a full name.
_WITHOUT_SPACES = re.compile("[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")
#: Words of a full name.
_FULL = 2
#: Letters of the shortest label that needs no colon behind it.
_SHORTEST_LABEL = 4
#: Codes of the languages whose names begin with a Chinese surname.
_CHINESE = frozenset(("zh", "cmn", "yue"))


@dataclass(frozen=True, slots=True)
class Found:
    """What a byline names, each once and in order."""

    persons: tuple[str, ...] = ()
    agencies: tuple[str, ...] = ()
    organisations: tuple[str, ...] = ()
    #: Whether a word or a label says that the persons are authors ("By", 记者).
    introduced: bool = False
    #: Whether the persons are editors, since no writer is named.
    edited: bool = False

    def __bool__(self) -> bool:
        return bool(self.persons or self.agencies or self.organisations)


def names_in(
    text: str, language: str | None = None, sites: Collection[str] = (), *, stated: bool = False
) -> Found:
    """Return whom a byline names. Editors count where no writer is named; photographers, translators, sources never.

    `language` is the page's (BCP 47): "de Ioana Marin" begins with a preposition in Romanian alone. `sites` are the folded
    names of the page's site, which are organisations. A *stated* byline is a value of JSON-LD or a meta.
    """
    writers: list[Part] = []
    editors: list[Part] = []
    rest: list[Part] = []
    introduced = False
    for piece in map(_edited, pieces(text)):
        before = _Before(language)
        parts = _parts(piece, before, sites, stated=stated)
        if not piece.labelled and not before.found:
            titled = bool(writers) and _is_title(piece.text)
            parts = [
                part
                for part in parts
                if part.kind != "person" or not (titled or _is_place(part.text, writers))
            ]
        elif before.found and piece.role == "writer":  # "LONDON | By Carla Nunn"
            writers = [
                one
                for one in writers
                if one.kind != "person" or " " in one.text or _CASELESS.search(one.text)
            ]
        introduced |= before.found or (piece.labelled and piece.role != "other" and bool(piece.text))
        if piece.role != "other" or not piece.labelled:
            {"writer": writers, "editor": editors, "other": rest}[piece.role].extend(parts)
    persons = _texts(writers, "person") or _texts(editors, "person")
    both = (*writers, *editors, *rest)
    return Found(
        persons[:MOST_NAMES],
        _texts(both, "agency"),
        _texts((*writers, *editors), "organisation"),
        introduced,
        edited=bool(persons) and not _texts(writers, "person"),
    )


def _edited(piece: Piece) -> Piece:
    """Return "Editing by Carla Nunn" as a piece with an editor's label."""
    if piece.labelled or _first_label(piece.text) != "editor":
        return piece
    return Piece("editor", piece.text.split(" by ", 1)[-1], labelled=True)


class _Before:
    """Takes the words before a name away ("By", "Von"), and knows whether there were any."""

    def __init__(self, language: str | None) -> None:
        """Take the page's language."""
        self.language = (language or "").split("-")[0].casefold()
        self.found = False

    def cut(self, text: str) -> str:
        """Return a text without what introduces the names in it."""
        given = text.split()
        for length in range(min(LONGEST_PHRASE + 1, len(given)), 0, -1):
            phrase = " ".join(given[:length]).casefold().strip(":")
            if phrase in words().before and self._holds(phrase, given[length:]):
                self.found = True
                return self.cut(" ".join(given[length:]))
        return text

    def _holds(self, phrase: str, rest: list[str]) -> bool:
        if phrase not in words().ambiguous or not rest:
            return True
        known = words().before_in.get(self.language)
        if known is not None and self.language and phrase not in known:
            return False
        return len(rest) >= _FULL and not (rest[0].casefold() in words().particles and rest[0].islower())


def _parts(piece: Piece, before: _Before, sites: Collection[str], *, stated: bool) -> list[Part]:
    text = before.cut(piece.text.strip(" ,-–—"))
    if piece.role != "other" and not before.found and _is_surname_first(text, sites):
        return [Part("person", text)]
    found: list[Part] = []
    chinese = before.language in _CHINESE
    for place, part_text in enumerate(side for name in _NAME_LIST.split(text) for side in _slashed(name)):
        bare, one = _bare_label(part_text)
        first = bare if bare == "other" else _first_label(one)
        if first == "other" or (first == "editor" and place):
            break  # "photographs by Tom Hale": and so is all that follows
        of_one = [
            part
            for name in _joined(before.cut(one))
            for part in part_of(name, sites, stated=stated, chinese=chinese)
        ]
        titled = bool(found) and _is_title(one)
        for part in of_one:
            if titled and part.kind == "person":
                continue
            if part.kind == "generation" and found and found[-1].kind == "person":
                found[-1] = Part("person", f"{found[-1].text}, {part.text}")
            elif part.kind == "person" and place and _is_place(part.text, found):
                break
            elif part.kind not in {"generation", "credential"}:
                found.append(part)
    return found


def _is_title(text: str) -> bool:
    """Return whether a text behind a name is what the person does: "Chief Political Correspondent"."""
    given = text.split()
    return len(given) > _FULL and given[-1].casefold().strip(".,") in words().role and given[0][:1].isupper()


def _slashed(text: str) -> list[str]:
    """Return the sides of a slash where one is an agency or each is a full name: "Jutta Kern/dpa", not "srf/hosb"."""
    sides = [side.strip() for side in text.split("/")] if "/" in text else []
    known = any(words().agency_in(side) for side in sides) or all(" " in side for side in sides)
    return sides if sides and known else [text]


def _first_label(text: str) -> str | None:
    given = text.split()
    phrases = (" ".join(given[:length]).casefold() for length in range(1, LONGEST_PHRASE + 1))
    return next(
        (kind for phrase in phrases if " by" in phrase and (kind := words().labels.get(phrase))), None
    )


def _bare_label(text: str) -> tuple[str | None, str]:
    """Return what a label without a colon says of the full name behind it ("Text Carla Nunn"), and that name."""
    label, _, rest = text.strip().partition(" ")
    kind = words().labels.get(label.casefold()) if len(label) >= _SHORTEST_LABEL else None
    given = rest.split()
    if (
        kind not in {"writer", "other"}
        or len(given) < _FULL
        or not all(one[:1].isupper() for one in given[:_FULL])
    ):
        return None, text
    return kind, rest


def _joined(text: str) -> Iterable[str]:
    """Return the names that words such as "and" join."""
    given = text.split()
    names: list[list[str]] = [[]]
    for at, word in enumerate(given):
        if at and at + 1 < len(given) and _is_join(word, names[-1], given[at + 1 :]):
            names.append([])
        elif at or len(given) == 1 or word[:1].isupper() or word.casefold() not in words().join:
            names[-1].append(word)  # Dan is a name, "dan" the Indonesian "and"
    for name in names:
        whole = " ".join(name)
        sides = [side.strip() for side in _PREFIXED_AND.split(whole)] if _CASELESS.search(whole) else [whole]
        yield from sides if all(len(side.split()) >= _FULL for side in sides) else [whole]


def _is_join(word: str, left: list[str], right: list[str]) -> bool:
    capitals = word.isupper() and len(word) > 1 and all(one.isupper() for one in (*left, *right))
    if word.casefold() not in words().join or (word[:1].isupper() and not capitals):
        return False
    if word.casefold() in SURE_JOINS:
        return bool(left)
    after = next((at for at, one in enumerate(right) if one.casefold() in words().join), len(right))
    rest = " ".join(right)
    return len(left) >= _FULL and (
        after >= _FULL or rest in words().agency or rest.casefold() in words().organisation
    )


def _is_surname_first(text: str, sites: Collection[str]) -> bool:
    """Return whether a text is one name with the surname first: "Nunn, Carla", "Ortega y Gasset, José"."""
    sides = text.split(",")
    if len(sides) != _FULL or _CASELESS.search(text):
        return False
    surname, given = (side.split() for side in sides)
    if SURE_JOINS.intersection(word.casefold() for word in surname):
        return False
    if len(given) != 1 or not surname or given[0].casefold().rstrip(".") in words().generations:
        return False
    small = [word for word in surname if word[:1].islower()]
    if len(surname) > 1 and not any(word.casefold() in words().particles for word in surname[:-1]):
        return False
    if any(word not in words().particles for word in small):
        return False
    return all(
        [part.kind for part in part_of(side, sites, stated=False)] == ["person"] and side.strip()[0].isupper()
        for side in sides
    )


def _is_place(name: str, found: list[Part]) -> bool:
    """Return whether a single word behind a full name, or behind an organisation, is where it is."""
    last = found[-1] if found else None
    return (
        last is not None
        and " " not in name
        and (last.kind == "organisation" or (last.kind == "person" and " " in last.text))
        and not _WITHOUT_SPACES.search(name)
    )


def _texts(parts: Iterable[Part], kind: str) -> tuple[str, ...]:
    return tuple({part.text.casefold(): part.text for part in parts if part.kind == kind}.values())
