"""Paragraphs that a host repeats over its stories: "Follow us on", how to send ideas, what a house says of itself in each.

They say nothing of what a story tells. So they count in the content id alone, not in what finds near-duplicates. Which ones they are
depends on what has come before; the row says it (`Article.repeated_paragraphs`), so that it can be decided again.
"""

from collections.abc import Collection, Iterable
from zlib import crc32

#: Different stories of a host that have a paragraph before it counts as repeated. Of 300 stories of one broadcaster all eleven
#: paragraphs that three or more have are the site's; of eight that two have, one is a story's.
STORIES = 3
#: One in so many near-duplicates at addresses like their original's counts as a story: of horoscopes in one frame thousands come, of
#: versions of a story a few. Of a frame without names and numbers 12 of the first 40 and none of the next 200 are linked. Of 80
#: stories' tenth versions 68 are, 78 without this.
VERSIONS = 16
#: Paragraphs at the beginning and at the end of a text that are looked at; each, in bytes, at least: shorter ones hardly count.
AT_ENDS, LEAST_BYTES = 16, 30
#: Bytes of a paragraph's key.
KEY_BYTES = 4


def paragraphs(text: str) -> list[tuple[int, bytes]]:
    """Return the numbers, from 1, and keys of up to 2 * AT_ENDS of a text's paragraphs: those that a host could repeat."""
    lines = text.split("\n", AT_ENDS)
    first = 1
    numbered = list(enumerate(lines[:AT_ENDS], first))
    if len(lines) > AT_ENDS:
        last = lines[AT_ENDS].rsplit("\n", AT_ENDS)
        if len(last) > AT_ENDS:
            first += last[0].count("\n") + 1
            del last[0]
        numbered += enumerate(last, AT_ENDS + first)
    found = []
    for number, line in numbered:
        raw = line.strip().encode("utf-8", "surrogatepass")
        if len(raw) >= LEAST_BYTES:
            found.append((number, crc32(raw).to_bytes(KEY_BYTES)))
    return found


def without(text: str, numbers: Collection[int]) -> str:
    """Return a text without the paragraphs of these numbers; the same where there are none."""
    if not numbers:
        return text
    left_out = frozenset(numbers)
    return "\n".join(line for number, line in enumerate(text.split("\n"), 1) if number not in left_out)


def as_ranges(numbers: Iterable[int]) -> str | None:
    """Return ascending numbers as a row has them, `1 7-9`; None for none."""
    runs: list[list[int]] = []
    for number in numbers:
        if runs and number == runs[-1][1] + 1:
            runs[-1][1] = number
        else:
            runs.append([number, number])
    return " ".join(str(low) if low == high else f"{low}-{high}" for low, high in runs) or None
