"""How much of a text consists of what pages say that are no articles."""

# ruff: noqa: RUF001 - signs of several scripts

from bisect import bisect_left

from tasks.walls.phrases import Sentence, first_kind

#: Kinds of sentences that stand above and below articles, too.
BOILERPLATE = frozenset({"login", "javascript", "consent"})
#: Sentences of a text up to which one in three, at its beginning, is enough; above one in two.
FEW_SENTENCES = 4
_ENDS = frozenset(".!?。！？؟।")
#: Thai has no signs between sentences, but spaces, and none between words.
_THAI = ("\u0e00", "\u0e7f")
#: Characters of an exclamation, which is no sentence of its own, and of what stands after the last full stop.
_EXCLAMATION, _RUMP = 8, 20


def numbered(said: str, found: list[tuple[int, Sentence]]) -> tuple[dict[int, Sentence], int]:
    """Return which sentences of the folded text `said` are such ones, by their number, and how many there are in all.

    `found` has them with their places. Of two kinds in one sentence the more telling one counts.
    """
    ends = _ends_of(said)
    numbers: dict[int, Sentence] = {}
    for at, sentence in found:
        number = bisect_left(ends, at)
        other = numbers.setdefault(number, sentence)
        if sentence.kind not in BOILERPLATE and first_kind((sentence.kind, other.kind)) != other.kind:
            numbers[number] = sentence
    return numbers, max(1, len(ends))


def share_of(said: str, found: list[tuple[int, Sentence]]) -> float:
    """Return which share of the sentences of `said` are such ones."""
    numbers, count = numbered(said, found)
    return len(numbers) / count


def length_without(said: str, numbers: dict[int, Sentence]) -> int:
    """Return the characters of `said` without the sentences of these numbers."""
    start, length = 0, 0
    for number, end in enumerate(_ends_of(said)):
        length += 0 if number in numbers else end + 1 - start
        start = end + 1
    return length


def are_half(said: str, hints: list[str]) -> bool:
    """Return whether half of the first sentences have one of `hints`: one "sorry for the inconvenience" is in articles, too."""
    ends = _ends_of(said)[:FEW_SENTENCES]
    having = {bisect_left(ends, at) for hint in hints if (at := f" {said}".find(hint)) >= 0}
    return 2 * len(having - {len(ends)}) >= len(ends)


def _ends_of(said: str) -> list[int]:
    """Return where the sentences of the folded text end.

    They end at the last of some signs ("..."), not within "404.html"; "Sorry!" is part of what follows.
    """
    last = len(said) - 1
    ends: list[int] = []
    for at, letter in enumerate(said):
        if (
            at == last
            or (
                letter in _ENDS
                and said[at + 1] not in _ENDS
                and (not letter.isascii() or said[at + 1] == " ")
            )
            or (letter == " " and _THAI[0] <= said[at - 1] <= _THAI[1])
        ) and (at == last or at - (ends[-1] if ends else -1) > _EXCLAMATION):
            ends.append(at)
    if len(ends) > 1 and last - ends[-2] < _RUMP:
        del ends[-2]
    return ends
