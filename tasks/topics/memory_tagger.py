"""A tagger without a model: topics by single words. For tests, and as the shortest example of a tagger."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from tasks.article import Topic
from tasks.topics.words import words


@dataclass(frozen=True, slots=True, eq=False)
class MemoryTagger:
    """A `stage.Tagger` that gives a text the topics of the words in it."""

    #: Topic by word; a word is in lower case, as `words` has it.
    topics: Mapping[str, Topic]
    name: str = "memory"
    version: str = "1"
    taxonomy: str = "memory"
    release: str = "1"
    #: Each text that it was given, and its language.
    calls: list[tuple[str, str]] = field(default_factory=list)
    #: The names that it was given with each.
    names: list[tuple[str, ...]] = field(default_factory=list)

    @property
    def best_labels(self) -> Sequence[str]:
        """Return the labels of all topics."""
        return sorted({topic.label for topic in self.topics.values()})

    def tag(self, text: str, language: str, names: Sequence[str] = ()) -> tuple[Topic, ...]:
        """Return the topics of the words in `text`, best first, each once; nothing else makes a difference."""
        self.names.append(tuple(names))
        self.calls.append((text, language))
        found = {topic.id: topic for word in words(text) if (topic := self.topics.get(word))}
        return tuple(sorted(found.values(), key=lambda topic: (-topic.score, topic.id)))
