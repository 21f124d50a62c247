"""Topics of your own taxonomy: a YAML file with descriptions, and no training.

Importing this module imports numpy and the encoder; `tasks.topics` does neither.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from importlib.resources import files
from pathlib import Path

import msgspec

from tasks.article import Topic
from tasks.topics.archive import Zeroshot, digest, read_archive
from tasks.topics.encoder import LANGUAGES, Encoder, Vector, encoder_version
from tasks.topics.gazetteer import Concept, Gazetteer
from tasks.topics.taxonomy import OwnTopic, read_taxonomy
from tasks.topics.words import units

#: Minimum score of a topic.
MIN_SCORE = 0.3
#: The gazetteer searches keywords under this language in texts of any language.
_ANY = "en"
#: A level below the top one, which the gazetteer does not search.
_LEVEL = 2


@dataclass(frozen=True, slots=True, eq=False)
class CustomTagger:
    """A `stage.Tagger` for a taxonomy without training data."""

    encoder: Encoder
    topics: tuple[OwnTopic, ...]
    #: A row for each topic: the encoder's vector of its label and description.
    described: Vector
    #: The average similarity of a news text to each topic.
    average: Vector
    zeroshot: Zeroshot
    keywords: Gazetteer
    version: str
    taxonomy: str
    release: str
    name: str = "encoder-zeroshot"

    @property
    def best_labels(self) -> Sequence[str]:
        """Return the labels of all topics."""
        return [topic.label for topic in self.topics]

    def tag(self, text: str, language: str, names: Sequence[str] = ()) -> tuple[Topic, ...]:
        """Return the topics of `text`, best first.

        The score is the higher of two: by how much more similar to the topic's description the text is than an average
        text (in the encoder's languages), and n / (n + 1) for n mentions of the topic's keywords. `names` are not looked at:
        nothing says which topic a site's sections belong to.
        """
        del names
        mentions = self.keywords.mentions(text, _ANY)
        likely = self._by_meaning(text, language)
        scores = {
            topic: max(likely.get(topic.id, 0.0), mentions[topic.id] / (mentions[topic.id] + 1))
            for topic in self.topics
        }
        ranked = sorted(scores.items(), key=lambda item: (-item[1], item[0].id))
        return tuple(
            Topic(id=topic.id, label=topic.label, score=round(score, 4))
            for topic, score in ranked
            if score >= MIN_SCORE
        )

    def _by_meaning(self, text: str, language: str) -> Mapping[str, float]:
        pieces = self.encoder.read(text) if language.partition("-")[0] in LANGUAGES else ()
        if not pieces:
            return {}
        similarity = self.described @ self.encoder.encode(pieces) - self.average
        ids = (topic.id for topic in self.topics)
        return dict(zip(ids, map(self._probability, similarity.tolist()), strict=True))

    def _probability(self, similarity: float) -> float:
        return 1 / (1 + math.exp(-(self.zeroshot.slope * similarity + self.zeroshot.offset)))


def load(path: Path) -> CustomTagger:
    """Return the tagger for the taxonomy in the YAML file `path`; TaxonomyError."""
    data = files(__package__).joinpath("topics.zip").read_bytes()
    archive = read_archive(data)
    topics = read_taxonomy(path)
    encoder = Encoder.load()
    described = encoder.encode_all([encoder.read(f"{topic.label}. {topic.description}") for topic in topics])
    return CustomTagger(
        encoder=encoder,
        topics=topics,
        described=described,
        average=described @ archive.usual,
        zeroshot=archive.zeroshot,
        keywords=_gazetteer(topics),
        version=f"2-{digest(data, encoder_version(), MIN_SCORE)}",
        taxonomy=path.stem,
        release=blake2b(msgspec.json.encode(topics), digest_size=4).hexdigest(),
    )


def _gazetteer(topics: Sequence[OwnTopic]) -> Gazetteer:
    return Gazetteer(
        Concept(
            topic.id,
            topic.label,
            _LEVEL,
            topic.id,
            None,
            {_ANY: tuple(" ".join(parts) for word in topic.keywords if (parts := units(word)))},
        )
        for topic in topics
    )
