"""Strings that make a regular expression backtrack: made from its own syntax tree, and timed at two lengths.

Each is a beginning that the expression accepts, one of its parts many times over, and an end that it does not accept. An
expression whose time grows with the square of the length takes 16 times as long for four times the length, a linear
one four times. So a busy machine, which slows both down, changes nothing, and the lowest of several tries counts.
"""

import re
import signal
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import lru_cache
from heapq import nlargest
from itertools import islice
from re import _constants as sre  # type: ignore[attr-defined] # no public module has the syntax tree
from re import _parser  # type: ignore[attr-defined]
from typing import Any

#: Characters of the shorter string; the longer one has FACTOR times as many.
LENGTH, FACTOR = 8_000, 4
#: Milliseconds of CPU below which the shorter string proves nothing to be wrong: a quadratic search over 8,000 characters
#: takes 30 ms and more.
_SHORT = 1.0
#: Seconds of CPU of the shorter string from which the longer one is tried at once: no linear expression takes as long.
_LONG = 0.1
#: How many times as long the longer string may take: between 4 (linear) and 16 (quadratic).
MOST = 10.0
#: Tries, of which the lowest counts.
_TRIES = 6
#: Seconds of CPU after which a match is ended: no linear one takes a hundredth of that.
_ENDLESS = 2.0
#: Characters that expressions often tell apart, beside those that this one names.
_USUAL = " \n\ta1_-.,:/@\"'()<>é中\u0301\x00"
#: Most attacks on one expression, evenly chosen.
_MOST_ATTACKS = 1_000
#: Of those the slowest are tried at the longer length: a quadratic one is among them.
_LOOKED_AT = 10

Node = tuple[Any, Any]
Pattern = re.Pattern[Any]


class EndlessError(Exception):
    """A match took too long."""


@dataclass(frozen=True, slots=True)
class Worst:
    """The attack that costs most: nanoseconds a character at the longer length, and how the time grew."""

    attack: str
    method: str
    nanoseconds: float
    growth: float

    @property
    def linear(self) -> bool:
        """Return whether the time grows as the length does."""
        return self.growth <= MOST


def worst(pattern: Pattern, methods: Sequence[str]) -> Worst:
    """Return the attack on `pattern` that costs most, used by these methods; the first that is not linear, if one is."""
    attacks = list(_attacks(pattern))
    tried: list[tuple[float, str, tuple[str, str, str]]] = []
    for attack in attacks[:: max(1, len(attacks) // _MOST_ATTACKS)]:
        for method in methods:
            tried.append((_seconds(pattern, method, attack, LENGTH), method, attack))
            if tried[-1][0] >= _ENDLESS:
                return Worst(_name(attack), method, tried[-1][0] * 1e9 / LENGTH, float("inf"))
            if tried[-1][0] >= _LONG and not (grown := _grown(pattern, method, attack, tried[-1][0])).linear:
                return grown
    found = [_grown(pattern, method, attack, short) for short, method, attack in nlargest(_LOOKED_AT, tried)]
    return next((one for one in found if not one.linear), max(found, key=lambda one: one.nanoseconds))


def _grown(pattern: Pattern, method: str, attack: tuple[str, str, str], short: float) -> Worst:
    """Return how the time of an attack grows, which took `short` seconds once."""
    if short * 1000 < _SHORT:
        return Worst(_name(attack), method, short * 1e9 / LENGTH, 1.0)
    growth = long = float("inf")
    for _ in range(_TRIES):
        short = min(short, _seconds(pattern, method, attack, LENGTH))
        long = min(long, _seconds(pattern, method, attack, LENGTH * FACTOR))
        if long >= _ENDLESS:
            growth = float("inf")
            break
        growth = long / short
        if growth <= MOST:
            break
    return Worst(_name(attack), method, long * 1e9 / LENGTH / FACTOR, growth)


def _name(attack: tuple[str, str, str]) -> str:
    start, piece, end = attack
    return f"{start!a} + {piece!a} * n + {end!a}"


def _runner(pattern: Pattern, method: str) -> Callable[[Any], object]:
    """Return what uses the expression: a search goes on after each match, as `sub` and `findall` do."""
    if method == "search":
        return lambda text: sum(1 for _ in pattern.finditer(text))
    found: Callable[[Any], object] = getattr(pattern, method)
    return found


def _seconds(pattern: Pattern, method: str, attack: tuple[str, str, str], length: int) -> float:
    """Return the seconds of CPU that an attack of so many characters takes."""
    start, piece, end = attack
    text: Any = start + piece * (length // len(piece)) + end
    if isinstance(pattern.pattern, bytes):
        text = text.encode("utf-8", "replace")
    run = _runner(pattern, method)
    began = time.thread_time()
    try:
        with _at_most(_ENDLESS):
            run(text)
    except EndlessError:
        return _ENDLESS
    return time.thread_time() - began


@contextmanager
def _at_most(seconds: float) -> Iterator[None]:
    """Raise EndlessError after so many seconds of CPU; `re` looks for signals every 4,096 steps."""

    def end(*_: object) -> None:
        raise EndlessError

    before = signal.signal(signal.SIGVTALRM, end)
    signal.setitimer(signal.ITIMER_VIRTUAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)


def _attacks(pattern: Pattern) -> Iterator[tuple[str, str, str]]:
    """Yield beginnings, parts to repeat and ends."""
    source = pattern.pattern.decode("latin-1") if isinstance(pattern.pattern, bytes) else pattern.pattern
    flags = pattern.flags & ~(re.ASCII | re.UNICODE | re.LOCALE)
    tree = _parser.parse(source, flags)
    pool = _pool(tree)
    seen: set[tuple[str, str, str]] = set()
    for start, nodes in _sequences(list(tree), pool):
        pieces = dict.fromkeys(piece for piece in _pieces(nodes, pool) if piece)
        for piece in pieces:
            for end in ("", "\x00", "!x\n" if piece[-1:] != "!" else "a\n", source[-1:] + "\x00"):
                if (one := (start, piece, end)) not in seen:
                    seen.add(one)
                    yield one


def _sequences(
    nodes: list[Node], pool: str, before: str = "", depth: int = 0
) -> Iterator[tuple[str, list[Node]]]:
    """Yield each sequence of nodes in the tree, with texts that lead to it."""
    yield before, nodes
    for place, node in enumerate(nodes):
        reached = before + _example(nodes[:place], pool[0], 1, pool)
        if place:
            yield reached, nodes[place:]
        for inner in _inner(node):
            if depth < 6:
                yield from _sequences(inner, pool, reached, depth + 1)


def _pieces(nodes: list[Node], pool: str) -> Iterator[str]:
    """Yield what a few nodes in a row match: with each character, once and several times."""
    # Up to each repeat, too: what leads to it, again and again.
    repeats = [place for place, node in enumerate(nodes) if node[0] in _REPEATS]
    for length in dict.fromkeys((*repeats, 1, 2, 3, len(nodes))):
        some = nodes[:length]
        characters = pool if any(_has_choice(node) for node in some) else pool[:1]
        for character in characters:
            yield _example(some, character, 1, pool)
            if any(node[0] in _REPEATS for node in some):
                yield _example(some, character, 9, pool)
                yield _example(some, character, 200, pool)


_REPEATS = (sre.MAX_REPEAT, sre.MIN_REPEAT, sre.POSSESSIVE_REPEAT)


def _has_choice(node: Node) -> bool:
    if node[0] in (sre.IN, sre.ANY, sre.NOT_LITERAL):
        return True
    return any(_has_choice(one) for inner in _inner(node) for one in inner)


def _inner(node: Node) -> list[list[Node]]:
    """Return the sequences inside of a node."""
    kind, value = node
    if kind in _REPEATS:
        return [list(value[2])]
    if kind is sre.SUBPATTERN:
        return [list(value[-1])]
    if kind is sre.BRANCH:
        return [list(one) for one in value[1]]
    if kind is sre.ATOMIC_GROUP:
        return [list(value)]
    if kind in (sre.ASSERT, sre.ASSERT_NOT):
        return [list(value[1])] if value[0] > 0 else []
    return []


def _example(nodes: Sequence[Node], character: str, count: int, pool: str) -> str:
    return "".join(_one(node, character, count, pool) for node in nodes)


def _one(node: Node, character: str, count: int, pool: str) -> str:
    """Return a text that the node matches, of `character` where that is possible; of optional things `count`."""
    kind, value = node
    if kind is sre.LITERAL:
        return chr(value)
    if kind in (sre.IN, sre.ANY, sre.NOT_LITERAL):
        accepted = _accepted(kind, tuple(value) if kind is sre.IN else value, pool)
        return character if character in accepted else accepted[:1] or character
    if kind in _REPEATS:
        low, high, body = value
        times = min(max(low, count), high if high is not sre.MAXREPEAT else count)
        inner = 1 if len(body) > 1 and count > 9 else count
        return "".join(
            _example(list(body), character, inner if inner < count else 1, pool) for _ in range(times)
        )
    if kind in (sre.ASSERT, sre.ASSERT_NOT):
        return ""
    for inner_nodes in _inner(node)[:1]:
        return _example(inner_nodes, character, count, pool)
    return ""


@lru_cache
def _accepted(kind: Any, value: Any, pool: str) -> str:
    """Return the characters of the pool that a node for one character matches."""
    return "".join(one for one in pool if _matches(kind, value, one))


def _matches(kind: Any, value: Any, character: str) -> bool:
    if kind is sre.ANY:
        return character != "\n"
    if kind is sre.NOT_LITERAL:
        return bool(ord(character) != value)
    negated = value[0][0] is sre.NEGATE
    return any(_in(item, character) for item in value) != negated


def _in(item: Node, character: str) -> bool:
    kind, value = item
    if kind is sre.LITERAL:
        return bool(ord(character) == value)
    if kind is sre.RANGE:
        return bool(value[0] <= ord(character) <= value[1])
    if kind is sre.CATEGORY:
        name = str(value).rpartition("_")[2].lower()
        letter = {"digit": "d", "space": "s", "word": "w"}[name]
        return bool(re.match(f"\\{letter.upper() if '_NOT_' in str(value) else letter}", character))
    return False


def _pool(tree: Any) -> str:
    """Return the characters that the expression tells apart, a few of them at most, and the usual ones."""
    named: dict[str, None] = {}
    stack: list[Any] = [tree]
    while stack:
        one = stack.pop()
        if isinstance(one, tuple) and len(one) == 2 and one[0] is sre.LITERAL:
            named[chr(one[1])] = None
        elif isinstance(one, tuple) and len(one) == 2 and one[0] is sre.RANGE:
            named[chr(one[1][0])] = None
        elif isinstance(one, tuple | list) or hasattr(one, "data"):
            with suppress(TypeError):
                stack.extend(one)
    symbols = [one for one in named if not one.isalnum()]
    letters = [one for one in named if one.isalnum()]
    return "".join(dict.fromkeys((*_USUAL, *islice(symbols, 24), *islice(letters, 6))))
