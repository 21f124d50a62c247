"""Which substrings a regular expression requires: every match contains at least one of them.

A value that contains none of them cannot match, and looking for substrings is faster than searching for the pattern.
"""

from collections.abc import Iterable
from typing import Any

from tasks.extract.xpath_optimizer.compat import AT, AT_BEGINNING, BRANCH, LITERAL, SUBPATTERN


def required_substrings(pattern: Iterable[tuple[Any, Any]]) -> tuple[str, ...] | None:
    r"""Return substrings, in lower case, of which each match of the parsed `pattern` contains at least one.

    `\n` at the start of one stands for the start of the value. None where nothing is required. A sequence may offer
    several sets; the one whose shortest string is longest is returned.
    """
    found = _required(pattern)
    return None if found is None else tuple(sorted({one.lower() for one in found}, key=len))


def _required(pattern: Iterable[tuple[Any, Any]]) -> set[str] | None:
    literals, sets = [""], []
    for opcode, value in pattern:
        if opcode is LITERAL:
            literals[-1] += chr(value)
            continue
        literals.append("\n" if opcode is AT and value is AT_BEGINNING else "")
        if opcode is BRANCH:
            branches = [_required(branch) for branch in value[1]]
            sets.append(None if None in branches else set[str]().union(*filter(None, branches)))
        elif opcode is SUBPATTERN:
            sets.append(_required(value[-1]))
        # Optional parts, character classes and look-arounds require nothing.
    choices = [{literal} for literal in literals if literal.strip()] + [one for one in sets if one]
    return max(choices, key=lambda one: min(map(len, one)), default=None)
