"""The tagger: a probe on the encoder's vector gives the top-level topics, a probe and a gazetteer the concepts below.

Importing this module imports numpy and the encoder; `tasks.topics` does neither.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from importlib.resources import files
from math import exp

from tasks.article import Topic
from tasks.topics.archive import digest, read_archive
from tasks.topics.encoder import LANGUAGES, MAX_PIECES, Encoder, Vector, encoder_version
from tasks.topics.gazetteer import Gazetteer
from tasks.topics.probe import Probe
from tasks.topics.sections import Sections

#: Minimum probability of the best topic; below it the text has none, since it would be a guess among seventeen. Chosen on
#: the German articles of the long texts: macro-F1 falls above it.
MIN_SCORE = 0.25
#: The same in languages that the encoder does not know, chosen on the Swahili articles: the lowest at which three of four
#: answers are correct. A seventh of the articles gets one.
MIN_ELSEWHERE = 0.45
#: Codes of languages that the encoder was not trained on, but reads as well: of 40 sentences of SIB-200 it finds the topic of
#: 60 % (ast, id) and 53 % (gl); of its own languages' 47 % (tr) to 75 % (ar). No others reach 47 %.
NEAR_LANGUAGES = frozenset({"ast", "gl", "id"})
#: Minimum probability of a further topic.
MIN_FURTHER = 0.2
#: Minimum score of a concept below a topic: more than one mention gives, since one may be meant otherwise ("a curling shot").
MIN_BELOW = 0.35
#: Maximum number of concepts below one top-level topic.
MAX_BELOW = 3
#: What section and keywords add to the logarithm of a topic's probability if all that stand for a topic stand for it, else
#: their share of it. 2 to 3 were tried on half of the publishers' pages, where 3 gained most; of 18 and, in the other half, 16
#: answers of 0.8 and more, it overrode none.
NAMED = 3.0
#: All of the above; if one changes, the version does.
_PARAMETERS = (
    MAX_PIECES,
    MIN_SCORE,
    MIN_ELSEWHERE,
    *sorted(NEAR_LANGUAGES),
    MIN_FURTHER,
    MIN_BELOW,
    MAX_BELOW,
    NAMED,
)


@dataclass(frozen=True, slots=True, eq=False)
class TopicTagger:
    """A `stage.Tagger` for IPTC Media Topics."""

    encoder: Encoder
    #: Top-level topics, from the encoder's vector.
    top: Probe
    #: The same in languages that the encoder does not know.
    elsewhere: Probe
    #: Concepts of the second level, from the encoder's vector.
    below: Probe
    gazetteer: Gazetteer
    sections: Sections
    version: str
    taxonomy: str
    release: str
    name: str = "encoder"
    _children: Mapping[str, Sequence[str]] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        children: dict[str, list[str]] = defaultdict(list)
        for label in self.below.labels:
            children[self.gazetteer.concepts[label].top].append(label)
        object.__setattr__(self, "_children", children)

    @property
    def best_labels(self) -> Sequence[str]:
        """Return the labels of the top level."""
        return [self.gazetteer.concepts[id_].label for id_ in self.top.labels]

    def tag(self, text: str, language: str, names: Sequence[str] = ()) -> tuple[Topic, ...]:
        """Return the topics of `text`, best first: top-level ones, and concepts below them.

        The score of a top-level topic is its probability, with the evidence of `names`. The score of a concept below it is that
        times the concept's probability by the probe, or times n / (n + 2) for n mentions of its name, whichever is higher.
        """
        if not any(map(str.isalpha, text)):  # the encoder gives numbers topics, too
            return ()
        pieces = self.encoder.read(text)
        if not pieces:
            return ()
        known = language.partition("-")[0] in LANGUAGES | NEAR_LANGUAGES
        vector = self.encoder.encode(pieces)
        scores = self._with_names((self.top if known else self.elsewhere).scores(vector), names)
        if max(scores.values()) < (MIN_SCORE if known else MIN_ELSEWHERE):
            return ()
        found = {id_: score for id_, score in scores.items() if score >= MIN_FURTHER}
        below = self._by_name(text, language, found)
        for id_, score in self._by_meaning(vector, found):
            below[id_] = max(score, below.get(id_, 0.0))
        ranked = sorted((found | self._few(below)).items(), key=lambda item: (-item[1], item[0]))
        return tuple(self._topic(id_, score) for id_, score in ranked)

    def _with_names(self, scores: dict[str, float], names: Sequence[str]) -> dict[str, float]:
        """Return `scores` with the evidence of section and keywords, summing to 1 again."""
        named = self.sections.named(names)
        if not named:
            return scores
        raised = {id_: score * exp(NAMED * named.get(id_, 0.0)) for id_, score in scores.items()}
        total = sum(raised.values())
        return {id_: score / total for id_, score in raised.items()}

    def _by_meaning(self, vector: Vector, found: Mapping[str, float]) -> Iterable[tuple[str, float]]:
        for top, score in found.items():
            for id_, share in self.below.scores_among(vector, self._children[top]).items():
                yield id_, score * share

    def _by_name(self, text: str, language: str, found: Mapping[str, float]) -> dict[str, float]:
        concepts = self.gazetteer.concepts
        return {
            id_: found[concepts[id_].top] * count / (count + 2)
            for id_, count in self.gazetteer.mentions(text, language).items()
            if concepts[id_].top in found
        }

    def _few(self, below: Mapping[str, float]) -> dict[str, float]:
        """Return the concepts with a sufficient score, the best MAX_BELOW below each topic."""
        chosen: dict[str, float] = {}
        taken: dict[str, int] = defaultdict(int)
        for id_, score in sorted(below.items(), key=lambda item: (-item[1], item[0])):
            top = self.gazetteer.concepts[id_].top
            if score >= MIN_BELOW and taken[top] < MAX_BELOW:
                taken[top] += 1
                chosen[id_] = score
        return chosen

    def _topic(self, id_: str, score: float) -> Topic:
        return Topic(id=id_, label=self.gazetteer.concepts[id_].label, score=round(score, 4))


def load() -> TopicTagger:
    """Return newsmill's own tagger; takes a second and 130 MB, so do it before a worker forks."""
    data = files(__package__).joinpath("topics.zip").read_bytes()
    archive = read_archive(data)
    sections = Sections(archive.concepts)
    return TopicTagger(
        encoder=Encoder.load(),
        top=archive.top,
        elsewhere=archive.elsewhere,
        below=archive.below,
        gazetteer=Gazetteer(archive.concepts),
        sections=sections,
        version=f"2-{digest(data, encoder_version(), sections.version, *_PARAMETERS)}",
        taxonomy=archive.about.taxonomy,
        release=archive.about.release,
    )
