"""What one name in a byline is: a person, an agency, an organisation, or nothing."""

# ruff: noqa: RUF001 - typographic quotes

import re
from collections.abc import Collection
from typing import Literal, NamedTuple

from tasks.extract.authors.chinese import is_chinese_name
from tasks.extract.authors.words import LONGEST_PHRASE, words
from tasks.extract.characters import folded

#: Words and characters of the longest name of a person.
_MOST_WORDS, _LONGEST_NAME = 6, 70
#: Characters of a name of Han or hangul without a space: longer ones are organisations and sentences. In kana 12.
_LONGEST_HAN = 5
#: Words of a full name.
_FULL = 2

#: "Example.com": a site, not a person with a first name of which a dot is left.
_DOMAIN = re.compile(r"[\w-]{3,60}\.(?:com|net|org|info|tv|news|[a-z]{2}|co\.[a-z]{2})", re.IGNORECASE)
_NAME_DIGIT = re.compile(r"\d")
_NAME_BAD = re.compile(r"[@#=?!%<>{}\\_$*]")
_NAME_EDGES = " \t,.:;/|()[]-–—―·*'\"“”„«»‘&+、，。"
_EAST_ASIAN = re.compile("[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")
#: Letters that count as small ones in Unicode, and have no large ones in names.
_GEORGIAN = re.compile("[\u10d0-\u10ff]")
_KANA = re.compile("[\u30a0-\u30ff]")

Kind = Literal["person", "agency", "organisation", "credential", "generation"]


class Part(NamedTuple):
    """A name, and what it is the name of."""

    kind: Kind
    text: str


def part_of(text: str, sites: Collection[str], *, stated: bool, chinese: bool = False) -> list[Part]:
    """Return what a text without separators names: a person, an agency, an organisation; an empty list for nothing.

    `sites` are the folded names of the page's site. A *stated* name is a value of JSON-LD or of a meta: it may be written in
    small letters. On a *chinese* page Han characters that do not begin with a surname are no person.
    """
    text = text.strip(_NAME_EDGES)
    if not text or _NAME_BAD.search(text):
        return []
    if agency := words().agency_in(text):
        return [Part("agency", agency)]
    if folded(text) in sites or _DOMAIN.fullmatch(text):
        return [Part("organisation", text)]
    text = _without_company(_without_date(text), sites)
    if text.casefold() in words().labels:  # "입력 2024.03.05"
        return []
    return _behind(text) or _named(text, sites, stated=stated, chinese=chinese)


def _behind(text: str) -> list[Part]:
    """Return what stands behind a name: a credential or "Jr."."""
    word = text.casefold().rstrip(".")
    if word in words().credentials:
        return [Part("credential", text)]
    if word in words().generations:
        return [Part("generation", f"{text}." if text.casefold() in {"jr", "sr"} else text)]
    return []


def _named(text: str, sites: Collection[str], *, stated: bool, chinese: bool) -> list[Part]:
    """Return the persons and agencies, or the organisation, in a text."""
    if _EAST_ASIAN.search(text):
        return _east_asian(text, chinese=chinese)
    given = _without_site(text.split(), sites)
    if _is_organisation(" ".join(given)) or given[:1] == ["The"]:
        return [Part("organisation", text)]
    if given and (agency := words().agency.get(given[0])) and _is_role(given[-1]):  # "AP Technology Writers"
        return [Part("agency", agency)]
    found = []
    for at, word in enumerate(given):  # "Carla Nunn AFP"
        if at and (agency := words().agency.get(word)):
            found.append(Part("agency", agency))
            given = given[:at]
            break
    name = _person(given, stated=stated)
    return [*([Part("person", name)] if name else []), *found]


def _without_site(given: list[str], sites: Collection[str]) -> list[str]:
    """Return the words without the site's name before a full name: "THE COURIER Carla Nunn"."""
    for length in range(1, min(LONGEST_PHRASE, len(given) - _FULL) + 1):
        if folded(" ".join(given[:length])) in sites:
            return given[length:]
    return given


def _is_role(word: str) -> bool:
    word = word.casefold().strip(_NAME_EDGES)
    return word in words().role or word.removesuffix("s") in words().role


def _without_date(text: str) -> str:
    """Return a text up to its first digit, without the words that stand before a date."""
    digit = _NAME_DIGIT.search(text)
    if digit is None:
        return text
    kept = text[: digit.start()].split()
    while kept and kept[-1].casefold().strip(".,") in words().before_date:
        kept.pop()
    return " ".join(kept).strip(_NAME_EDGES)


def _without_company(text: str, sites: Collection[str]) -> str:
    """Return a full name without whom it was written for: "Carla Nunn for the Bay Courier"."""
    given = text.split()
    for at, word in enumerate(given[:-1]):
        if at >= _FULL and word in words().before_company:
            company = " ".join(given[at + 1 :]).removeprefix("the ")
            if folded(company) in sites or words().agency_in(company) or _is_organisation(company):
                return " ".join(given[:at])
    return text


def _is_organisation(text: str) -> bool:
    given, known = text.casefold().split(), words().organisation
    return any(
        " ".join(given[at : at + length]).strip(_NAME_EDGES) in known
        for at in range(min(len(given), 12))
        for length in range(1, 4)
    ) or (given[-1:] != [] and given[-1] in known)


def _person(given: list[str], *, stated: bool) -> str | None:
    """Return the words of `given` that are a person's name: without what the person does, and where."""
    given = _without_role(given)
    if 0 < len(given) <= _FULL and given[0] in words().before_place:  # "i Paris"
        return None
    if given and given[0].casefold() in words().before_place and len(given) > _FULL:
        given = given[next((at for at, word in enumerate(given[1:], 1) if _small(word)), 0) :]
    if not any(word[:1].isupper() for word in given) and any(map(_has_small, given)):
        # all in small letters, or in a script that has small letters alone
        return " ".join(given) if stated and _FULL <= len(given) <= _FULL + 1 else None
    runs: list[list[str]] = [[]]
    for word in given:
        if _small(word) and word.casefold() not in words().particles and "'" not in word and "’" not in word:
            runs.append([])
        else:
            runs[-1].append(word)
    run = next((one for one in runs if len(one) >= _FULL), runs[0] if stated or len(runs) == 1 else [])
    while run and run[-1].casefold() in words().particles and _small(run[-1]):
        run.pop()
    name = " ".join(run).strip(_NAME_EDGES)
    name = f"{name}." if name.endswith((" Jr", " Sr")) else name
    letters = sum(map(str.isalpha, name))
    fits = letters > 1 and len(name) <= _LONGEST_NAME and len(run) <= _MOST_WORDS
    return name if fits else None


def _without_role(given: list[str]) -> list[str]:
    """Return the words without the first role among them and what follows it; what follows, if nothing is before."""
    known = words().role
    lower = [word.casefold().strip(_NAME_EDGES) for word in given]
    for at in range(len(given)):
        for length in range(min(LONGEST_PHRASE, len(given) - at), 0, -1):
            if " ".join(lower[at : at + length]) in known:
                if at >= _FULL:
                    return given[:at]
                rest = given[at + length :]
                return _without_role(rest) if len(rest) >= _FULL else []
    return given


def _small(word: str) -> bool:
    return word[:1].islower() and not _GEORGIAN.match(word)


def _has_small(word: str) -> bool:
    return word != word.upper() and not _GEORGIAN.match(word)


def _east_asian(text: str, *, chinese: bool) -> list[Part]:
    """Return the names in a text of Han, kana or hangul, whose roles stand behind names, with or without a space."""
    known = words()
    if text.casefold().endswith(known.east_asian_organisation):
        return [Part("organisation", text)]
    given = []
    for word in text.split():
        bare = word
        for role in known.east_asian_role:
            bare = bare.removesuffix(role)
        if agency := known.agency_in(bare):
            given.append(Part("agency", agency))
        elif bare and not bare.casefold().endswith(known.east_asian_organisation):
            given.append(Part("person", bare))
    names = [one.text for one in given if one.kind == "person" and one.text not in known.no_name]
    agencies = [one for one in given if one.kind == "agency"]
    several = chinese and all(map(is_chinese_name, names))
    if len(names) > 1 and (several or not _is_one_name(names)):
        persons = [name for name in names if len(name) > 1 and _fits(name)]
    else:
        name = " ".join(names)
        persons = [name] if len(name) > 1 and _fits(name) else []
    return [
        *(
            Part("person" if not chinese or is_chinese_name(name) else "organisation", name)
            for name in persons
        ),
        *agencies,
    ]


def _is_one_name(names: list[str]) -> bool:
    """Return whether words are surname and given name ("山本 花子"): two, both short."""
    return len(names) == _FULL and all(len(name) <= _FULL for name in names)


def _fits(name: str) -> bool:
    longest = 14 if _KANA.search(name) or "·" in name or "・" in name or " " in name else _LONGEST_HAN
    return len(name) <= longest
