"""Pairs that show whether a copy is told from a story in the same frame, written for this project.

Distinct pairs are two stories of one frame: weather, shares, results, obituaries, press releases of one house. Copies are one story of
an agency as two papers print it. own_sets/copies/ has frames and stories and says which half a kind and a language belong to; this
module draws the values, always the same ones.
"""

import random
import re
import tomllib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import combinations, cycle, islice
from pathlib import Path
from typing import Any

HALVES = ("choosing", "judging")
#: Kinds and languages that neither half has, written when the rules were there and before they were run on these.
LATER = "later"
#: Distinct pairs and copies in a half, and in `later`.
PAIRS, LATER_PAIRS = 100, 30
#: Languages of the choosing half; the frames and stories of all others are for judging. The kinds differ, too, but for the six pairs of
#: Italian press releases.
CHOOSING = frozenset({"en", "de", "fr", "zh"})

_FOLDER = Path(__file__).parent / "own_sets/copies"
_EVAL_SLOT = re.compile(r"\{([^{}]+)\}")


@dataclass(frozen=True, slots=True)
class Copies:
    """Two texts, how they were made, and whether they are copies."""

    kind: str
    duplicate: bool
    a: str
    b: str


def pairs(half: str) -> list[Copies]:
    """Return the PAIRS distinct pairs of a half, then its PAIRS copies; LATER_PAIRS of each for LATER."""
    draw = random.Random(half)
    count = LATER_PAIRS if half == LATER else PAIRS
    return [*islice(_templates(half, draw), count), *islice(_wires(half, draw), count)]


def _templates(half: str, draw: random.Random) -> Iterator[Copies]:
    read = _read(half, "templates.toml")
    releases = [
        (
            f"press release, {one['lang']}",
            f"{a}\n{one['boilerplate'].strip()}",
            f"{b}\n{one['boilerplate'].strip()}",
        )
        for one in _of(half, read.get("release", []))
        for a, b in combinations((body.strip() for body in one["bodies"]), 2)
    ]
    for kind, a, b in releases:
        yield Copies(kind, False, a, b)
    for one in cycle(_of(half, read["template"])):
        a, b = (_filled(one["body"].strip(), read["values"][one["lang"]], draw) for _ in range(2))
        if a != b:
            yield Copies(f"{one['kind']}, {one['lang']}", False, a, b)


def _filled(body: str, values: dict[str, list[str]], draw: random.Random) -> str:
    """Return a story of a frame: a name has one value in all of it, `name2` another one of the same list; each number is drawn anew."""
    orders = {name: draw.sample(some, len(some)) for name, some in values.items()}

    def value(slot: re.Match[str]) -> str:
        name = slot[1]
        if ".." in name:
            low, high = name.split("..")
            return str(draw.randint(int(low), int(high)))
        return orders[name.removesuffix("2")][1 if name.endswith("2") else 0]

    lines = body.split("\n")
    kept = [line.removeprefix("? ") for line in lines if not line.startswith("? ") or draw.random() < 0.5]
    return _EVAL_SLOT.sub(value, "\n".join(kept))


def _wires(half: str, draw: random.Random) -> Iterator[Copies]:
    stories = list(_of(half, _read(half, "wires.toml")["story"]))
    edits = _EDITS[half]
    for story in cycle(stories):
        for kind, edit in edits.items():
            a = f"{story['title']}\n{story['text'].strip()}"
            b = edit(story, draw)
            if draw.random() < 0.5:  # the shorter or later one may come first
                a, b = b, a
            yield Copies(f"{kind}, {story['lang']}", True, a, b)


Story = dict[str, Any]


def _paragraphs(story: Story) -> list[str]:
    text: str = story["text"].strip()
    return text.split("\n")


def _new_lead(story: Story, draw: random.Random) -> str:
    return "\n".join([story["lead"].strip(), *_paragraphs(story)[draw.randint(0, 1) :]])


def _cut_end(story: Story, draw: random.Random) -> str:
    paragraphs = _paragraphs(story)
    return "\n".join([story["title"], *paragraphs[: len(paragraphs) - draw.randint(1, 2)]])


def _style(story: Story, draw: random.Random) -> str:
    text = f"{story['title']}\n{story['text'].strip()}"
    for old, new in story["style"]:
        if draw.random() < 0.8:
            text = text.replace(old, new)
    return text


def _local(story: Story, draw: random.Random) -> str:
    paragraphs = _paragraphs(story)
    at = draw.randint(1, len(paragraphs))
    return "\n".join([story["title"], *paragraphs[:at], story["local"].strip(), *paragraphs[at:]])


def _update(story: Story, draw: random.Random) -> str:
    text = f"{story['update'].strip()}\n{story['text'].strip()}"
    for old, new in story["changed"]:
        if draw.random() < 0.8:
            text = text.replace(old, new)
    return f"{story['title']}\n{text}"


def _lead_and_local(story: Story, draw: random.Random) -> str:
    paragraphs = _paragraphs(story)[1:]
    at = draw.randint(1, len(paragraphs))
    return "\n".join([story["lead"].strip(), *paragraphs[:at], story["local"].strip(), *paragraphs[at:]])


def _one_out(story: Story, draw: random.Random) -> str:
    paragraphs = _paragraphs(story)
    del paragraphs[draw.randrange(1, len(paragraphs) - 1)]
    return "\n".join([story["title"], *paragraphs])


def _half(story: Story, draw: random.Random) -> str:
    """Return the paragraphs of the first half, the one that it ends in included."""
    paragraphs = _paragraphs(story)
    kept = paragraphs[: (len(paragraphs) + 1) // 2]
    return "\n".join([story["title"], *kept] if draw.random() < 0.5 else kept)


def _lead_and_half(story: Story, draw: random.Random) -> str:
    paragraphs = _paragraphs(story)
    return "\n".join(
        [story["lead"].strip(), *paragraphs[draw.randint(0, 1) : (len(paragraphs) + 1) // 2 + 1]]
    )


def _quotes(story: Story, _: random.Random) -> str:
    text = f"{story['title']}\n{story['text'].strip()}"
    for old, new in story["quotes"]:
        text = text.replace(old, new)
    return text


Edit = Callable[[Story, random.Random], str]
_EDITS: dict[str, dict[str, Edit]] = {
    "choosing": {"new lead": _new_lead, "cut end": _cut_end, "other style": _style},
    "judging": {
        "local paragraph": _local,
        "update": _update,
        "new lead and local paragraph": _lead_and_local,
        "a paragraph less": _one_out,
    },
    LATER: {
        "new lead": _new_lead,
        "cut to half": _half,
        "local paragraph": _local,
        "other quotation marks": _quotes,
        "new lead and cut to half": _lead_and_half,
    },
}


def _read(half: str, name: str) -> dict[str, Any]:
    return tomllib.loads((_FOLDER / (f"later_{name}" if half == LATER else name)).read_text("utf-8"))


def _of(half: str, entries: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    return (one for one in entries if half == LATER or (one["lang"] in CHOOSING) == (half == "choosing"))
