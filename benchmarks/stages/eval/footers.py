"""Short stories over a long footer that all stories of their host have, from the pairs in NEWSMILL_DATA.

Stories are the first WORDS words of Reuters stories on other events; footers are what two texts of a pair "in the boilerplate of one
site" have in common, two of them for each host.
"""

import random
import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import cycle

#: Words of a story; pairs of two stories, and of a story and its copy; stories that a known host has shown before.
WORDS, PAIRS, BEFORE = 100, 60, 5
_HOST, _OTHER_HOST = "a.example", "b.example"
_FOOTER_WORD = re.compile("[a-z]+")


@dataclass(frozen=True, slots=True)
class Told:
    """A text at a URL."""

    url: str
    text: str


@dataclass(frozen=True, slots=True)
class OverFooter:
    """Two texts, whether they are copies, and what the host of the first has shown before."""

    duplicate: bool
    before: tuple[Told, ...]
    a: Told
    b: Told


def footers(read: list[dict[str, str]], *, known: bool) -> Iterator[OverFooter]:
    """Yield two stories over one footer, and a story with its copy on another host without it, PAIRS times.

    `read` are the pairs of the data; a `known` host has shown BEFORE other stories over the footer.
    """
    sites = [
        [line for line in one["b"].split("\n") if line in one["a"].split("\n")]
        for one in read
        if one["kind"] == "same_site_boil1200"
    ]
    bodies = sorted({one[side] for one in read if one["kind"] == "reuters_same_event" for side in "ab"})
    random.Random(3).shuffle(bodies)
    stories = (" ".join(body.split(" ")[:WORDS]) for body in cycle(bodies))
    for at in range(PAIRS):
        footer = "\n".join(sites[at % len(sites)] + sites[(at + 1) % len(sites)])
        before = tuple(_told(_HOST, next(stories), footer) for _ in range(BEFORE if known else 0))
        story = next(stories)
        first = _told(_HOST, story, footer)
        yield OverFooter(False, before, first, _told(_HOST, next(stories), footer))
        yield OverFooter(True, before, first, _told(_OTHER_HOST, story, ""))


def _told(host: str, story: str, footer: str) -> Told:
    """Return a story at an address of its first words."""
    slug = "-".join(_FOOTER_WORD.findall(story.lower())[:6])
    return Told(f"https://{host}/{slug}", f"{story}\n{footer}".strip())
