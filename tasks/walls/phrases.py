"""What pages say that are no articles, in 33 languages (phrases.toml): as a heading, in a sentence, beside a heading."""

# ruff: noqa: RUF001 - signs of several scripts

import re
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from tasks.normal_form import normal_form

#: The kinds of phrases, most telling first.
KINDS = (
    *("captcha", "denied", "region", "consent", "javascript"),
    *("not_found", "maintenance", "parked", "server_error", "login"),
)

#: Characters that `*` in a phrase stands for, at most.
_GAP = 60
#: Characters of a heading that may say in its own words that there is no page.
_LONGEST_ABSENCE = 80
#: Characters at the beginning of a phrase that are looked up among those of the text.
_ANCHOR = 4
#: The first character of the scripts without spaces between words: CJK, kana, hangul.
_SPACELESS = "\u2e80"
#: What stands between the parts of a title.
_SEPARATORS = str.maketrans(dict.fromkeys("|–—·•»›«", "|"))
_SIGNS = ".,:;!?¡¿…()[]{}\"'“”„‘’*_~-/|–—<>#؟،।。！？、：（）「」"
#: Words that stand beside a heading of an error and say nothing of themselves, in several languages.
_FILLERS = frozenset(
    {
        *("error", "errors", "http", "status", "code", "oops", "ooops", "ups", "uups", "oups", "ops", "opps"),
        *(
            "whoops",
            "uh-oh",
            "sorry",
            "fehler",
            "erreur",
            "errore",
            "erro",
            "fout",
            "błąd",
            "ошибка",
            "помилка",
        ),
        *(
            "hata",
            "خطأ",
            "خطای",
            "त्रुटि",
            "错误",
            "錯誤",
            "エラー",
            "오류",
            "kesalahan",
            "lỗi",
            "fel",
            "chyba",
        ),
        *("σφάλμα", "hoppsan", "ojdå", "hopla", "hoppla", "maaf", "عذراً", "عذرا", "ой", "упс", "ой!", "ups!"),
    }
)
#: What a page says whose heading is a number alone.
_NUMBERS = {
    **dict.fromkeys(("404", "410"), "not_found"),
    **dict.fromkeys(("401", "403", "406"), "denied"),
    "429": "captcha",
    "451": "region",
    **dict.fromkeys(("500", "502", "503", "504", "520", "521", "522", "523", "524"), "server_error"),
}
#: Quotations: an article repeats there what others say. Two kinds of marks have the same sign at both ends.
_QUOTATION = re.compile(
    r"[“„][^“”„\n]{0,400}[”“]|«[^«»\n]{0,400}»|»[^«»\n]{0,400}«|「[^「」\n]{0,400}」|『[^『』\n]{0,400}』"
    r"|‘[^‘’\n]{0,400}’|”[^”\n]{0,400}”|\"[^\"\n]{0,400}\""
)


@dataclass(frozen=True, slots=True)
class Sentence:
    """A phrase of a kind: parts that follow each other, no more than `_GAP` characters apart."""

    kind: str
    language: str
    parts: tuple[str, ...]

    def found_in(self, text: str) -> int:
        """Return where it begins in the folded `text`, -1 for nowhere."""
        first, *others = self.parts
        at = text.find(first)
        while at >= 0:
            end = at + len(first)
            for part in others:
                found = text.find(part, end, end + _GAP + len(part))
                if found < 0:
                    break
                end = found + len(part)
            else:
                return at
            if not others:
                return at
            at = text.find(first, at + len(first))
        return -1


@dataclass(frozen=True, slots=True)
class Phrases:
    """All phrases."""

    #: The kind of each heading and the languages that have it, by its folded text.
    headings: dict[str, tuple[str, frozenset[str]]]
    #: The sentences by their first characters.
    sentences: dict[str, list[Sentence]]
    #: By language what a page is called, and what is said of one that is not there.
    absences: tuple[tuple[tuple[str, ...], tuple[str, ...]], ...]
    #: What stands beside a heading, by kind and language.
    hints: dict[tuple[str, str], tuple[str, ...]]


@cache
def phrases() -> Phrases:
    """Return the phrases of phrases.toml, read once: 0.15 s."""
    tables = tomllib.loads(Path(__file__).with_name("phrases.toml").read_text("utf-8"))
    headings: dict[str, tuple[str, frozenset[str]]] = {}
    sentences: dict[str, list[Sentence]] = {}
    hints: dict[tuple[str, str], tuple[str, ...]] = {}
    for kind in KINDS:
        for name, language in tables.items():
            table = language.get(kind, {})
            for heading in table.get("headings", ()):
                key = _stripped(folded(heading))
                first, languages = headings.get(key, (kind, frozenset()))
                headings[key] = first, languages | {name}
            variants = (one for some in table.get("sentences", ()) for one in _variants(folded(some)))
            for phrase in dict.fromkeys(variants):
                parts = tuple(part.strip() for part in phrase.split("*"))
                sentences.setdefault(parts[0][:_ANCHOR], []).append(Sentence(kind, name, parts))
            hints[kind, name] = tuple(_hint(folded(hint)) for hint in table.get("hints", ()))
    absences = tuple(
        (tuple(map(folded, table["nouns"])), tuple(map(folded, table["absences"])))
        for table in (language["not_found"] for language in tables.values())
    )
    return Phrases(headings, sentences, absences, hints)


def _variants(phrase: str) -> list[str]:
    """Return the phrases that `phrase` stands for, one for each choice of its alternatives."""
    before, brace, rest = phrase.partition("{")
    if not brace:
        return [phrase]
    choices, _, after = rest.partition("}")
    return [before + choice + tail for choice in choices.split("|") for tail in _variants(after)]


def _hint(hint: str) -> str:
    """Return a hint as it is looked for: at the beginning of a word, in scripts that have spaces."""
    return hint if hint[0] >= _SPACELESS else f" {hint}"


def folded(text: str) -> str:
    """Return `text` in lower case and in Unicode's normal form C, with plain apostrophes, and one space for any white space."""
    text = normal_form("NFC", text)  # Bengali, Hindi and Vietnamese are typed in two ways
    return " ".join(text.lower().replace("’", "'").replace("ʼ", "'").replace("\u200c", " ").split())


def unquoted(text: str) -> str:
    """Return `text` without what is in quotation marks."""
    return _QUOTATION.sub(" ", text)


def kind_of_heading(heading: str) -> str | None:
    """Return what a title or a heading names, as a whole or in one of its parts; None for anything else."""
    found = _known(heading)
    return found[0] if found else None


def languages_of_heading(heading: str) -> frozenset[str]:
    """Return the languages in which a heading names what it names; of a number alone all, of any other heading none."""
    found = _known(heading)
    return found[1] if found else frozenset()


def _known(heading: str) -> tuple[str, frozenset[str]] | None:
    """Return the kind that a heading names, and the languages in which it does."""
    whole = folded(heading)
    known = phrases().headings
    for part in (whole, *whole.translate(_SEPARATORS).replace(" - ", "|").split("|")):
        bare = _stripped(part)
        found = known.get(bare) or known.get(_without_fillers(bare))
        if found:
            return found
        kind = _NUMBERS.get(_number(bare))
        if kind:
            return kind, frozenset(language for _, language in phrases().hints)
    return None


def sentences_in(text: str) -> list[tuple[int, Sentence]]:
    """Return the sentences in the folded `text`, each with its place, in the order of the text."""
    by_anchor = phrases().sentences
    here = {text[at : at + _ANCHOR] for at in range(len(text))}
    found = [
        (at, sentence)
        for anchor in here & by_anchor.keys()
        for sentence in by_anchor[anchor]
        if (at := sentence.found_in(text)) >= 0
    ]
    return sorted(found, key=lambda one: (one[0], KINDS.index(one[1].kind), one[1].parts))


def says_that_nothing_is_there(heading: str) -> bool:
    """Return whether a short heading says in its own words that a page, an article or the like is not there."""
    whole = folded(unquoted(heading))
    if len(whole) > _LONGEST_ABSENCE:
        return False
    return any(
        any(noun in whole for noun in nouns) and any(absence in whole for absence in absences)
        for nouns, absences in phrases().absences
    )


def hints_in(text: str, heading: str) -> list[str]:
    """Return what the folded `text` has of what stands beside such a heading, in the languages of the heading."""
    kind, languages = _known(heading) or ("", frozenset())
    return _hints(text, ((kind, language) for language in languages))


def hints_beside(text: str, sentence: Sentence) -> list[str]:
    """Return what the folded `text` has of what stands beside a heading that says the same as `sentence`."""
    return _hints(text, [(sentence.kind, sentence.language)])


def _hints(text: str, tables: Iterable[tuple[str, str]]) -> list[str]:
    text = f" {text}"
    hints = dict.fromkeys(hint for table in tables for hint in phrases().hints[table])
    return [hint.strip() for hint in hints if hint in text]


def _stripped(text: str) -> str:
    return text.strip(_SIGNS + " ")


def _without_fillers(text: str) -> str:
    """Return `text` without numbers of errors and fillers at both ends."""
    words = [stripped for word in text.split() if (stripped := word.strip(_SIGNS))]
    while words and (words[0] in _FILLERS or _is_status(words[0])):
        words.pop(0)
    while words and (words[-1] in _FILLERS or _is_status(words[-1])):
        words.pop()
    return " ".join(words)


def _number(text: str) -> str:
    """Return the number of an error that is all that `text` says, '' for anything else."""
    words = [stripped for word in text.split() if (stripped := word.strip(_SIGNS))]
    rest = [word for word in words if word not in _FILLERS]
    if len(rest) == 1 and _is_status(rest[0]):
        return str(int(rest[0]))
    return ""


def _is_status(word: str) -> bool:
    return len(word) == 3 and word.isdecimal() and "1" <= str(int(word))[0] <= "5"  # noqa: PLR2004


def first_kind(kinds: Iterable[str]) -> str:
    """Return the most telling of `kinds`."""
    return min(kinds, key=KINDS.index)
