"""What the section and the keywords of an article say of its top-level topic: names of sections, and of IPTC's concepts."""

import re
import tomllib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from hashlib import blake2b
from importlib.resources import files
from itertools import chain

from tasks.topics.gazetteer import Concept
from tasks.topics.words import units

#: Names of an article that are looked at, and characters of each; the rest of them is no list of keywords.
_MOST, _LONGEST = 30, 80
#: Table of names in sections.toml that stand for no topic.
_NONE = "none"
_POLITICS = "medtop:11000000"
#: What joins two names in one: `Natur & Umwelt`, `Technik/Hardware`, `Sport > Fußball`.
_NAME_SEPARATORS = re.compile(r"[/&>|,;:·・、»]")


class Sections:
    """Finds the top-level topics that names of sections and keywords stand for."""

    def __init__(self, concepts: Iterable[Concept]) -> None:
        """Read sections.toml; `concepts` add their names."""
        found: dict[str, set[str]] = defaultdict(set)
        for concept in concepts:
            # Those of the first level are names of sections, of which sections.toml has what means something.
            if concept.level > 1:
                for name in chain.from_iterable(concept.names.values()):
                    found[name].add(concept.top)
        data = files(__package__).joinpath("sections.toml").read_bytes()
        #: Changes with the list.
        self.version = blake2b(data, digest_size=4).hexdigest()
        own: dict[str, set[str]] = defaultdict(set)
        for topic, name in _listed(data.decode()):
            own[name].add(topic)
        # A name of several topics says nothing. The list of sections goes before the concepts.
        self._topics: Mapping[str, str] = {
            name: next(iter(topics))
            for name, topics in (found | own).items()
            if len(topics) == 1 and _NONE not in topics and len(name) > 1
        }

    def named(self, names: Sequence[str]) -> dict[str, float]:
        """Return by topic the share of `names` that stand for it, 0 to 1, of those that stand for any.

        Politics have half of theirs: their sections have what belongs to other topics, too.
        """
        counts: dict[str, float] = defaultdict(float)
        for name in names[:_MOST]:
            for topic in self._of(name[:_LONGEST]):
                counts[topic] += 1
        total = sum(counts.values())
        shares = {topic: count / total for topic, count in counts.items()}
        return {topic: share / 2 if topic == _POLITICS else share for topic, share in shares.items()}

    def _of(self, name: str) -> set[str]:
        """Return the topics of the whole name, or else of its parts."""
        whole = self._topics.get(_folded(name))
        if whole:
            return {whole}
        parts = _NAME_SEPARATORS.split(name)
        return {topic for part in parts if (topic := self._topics.get(_folded(part)))}


def _folded(name: str) -> str:
    # Concepts are named by units, in which each Chinese character stands by itself.
    return " ".join(units(name))


def _listed(data: str) -> Iterator[tuple[str, str]]:
    """Yield topic and name of each in the content of sections.toml."""
    for topic, languages in tomllib.loads(data).items():
        for names in languages.values():
            for name in names.split(","):
                yield topic, _folded(name)
