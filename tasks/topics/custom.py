"""A taxonomy of your own: topics in a YAML file, told apart by their descriptions, with nothing to train.

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

#: Least score of a topic that is given.
MIN_SCORE = 0.3
#: Whose names the gazetteer takes for any language: keywords are looked for whatever a text is written in.
_ANY = "en"
#: Below the top level, which the gazetteer leaves out.
_LEVEL = 2


@dataclass(frozen=True, slots=True, eq=False)
class CustomTagger:
    """A `stage.Tagger` for a taxonomy that nothing was trained on."""

    encoder: Encoder
    topics: tuple[OwnTopic, ...]
    #: A row for each topic: the encoder's vector of its label and description.
    described: Vector
    #: For each topic the likeness that any news text has to it.
    usual: Vector
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

    def tag(self, text: str, language: str) -> tuple[Topic, ...]:
        """Return the topics of `text`, best first.

        A topic scores by how much closer the text is to its description than texts are as a rule (in the
        encoder's languages), or n / (n + 1) for n mentions of its keywords, whichever is more.
        """
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
        likeness = self.described @ self.encoder.encode(pieces) - self.usual
        ids = (topic.id for topic in self.topics)
        return dict(zip(ids, map(self._probability, likeness.tolist()), strict=True))

    def _probability(self, likeness: float) -> float:
        return 1 / (1 + math.exp(-(self.zeroshot.slope * likeness + self.zeroshot.offset)))


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
        usual=described @ archive.usual,
        zeroshot=archive.zeroshot,
        keywords=_gazetteer(topics),
        version=f"1-{digest(data, encoder_version(), MIN_SCORE)}",
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
