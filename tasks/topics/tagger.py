"""The tagger: probes on the encoder's vectors give the top-level topics, a probe and a gazetteer the concepts below.

Importing this module imports numpy and the encoder; `tasks.topics` does neither.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from importlib.resources import files

from tasks.article import Topic
from tasks.topics.archive import digest, read_archive
from tasks.topics.encoder import LANGUAGES, Encoder, Vector, encoder_version
from tasks.topics.gazetteer import Gazetteer
from tasks.topics.probe import Probe, with_temperature

#: Of the first 300 pieces of a text, some 1,300 characters of English, the 40 most informative are read, in their order.
#: Of 52 articles in 13 languages the encoder finds a correct topic for 35 in their first 64 pieces, for 39 in their first
#: 160, and for 39 in the 40 most informative of 300, at a third of the cost.
CANDIDATE_PIECES, READ_PIECES = 300, 40
#: Minimum probability of the best topic at which the answer from the mean embedding is used and the encoder does not run.
#: There both are correct as often: 67 and 69 of 100 sentences of SIB-200, 88 and 88 headlines.
SURE = 0.65
#: Minimum probability of the best topic; below it the text has none, since it would be a guess among seventeen. Of SIB-200's
#: sentences in the encoder's languages 83 % get an answer, 64 % of those a correct one.
MIN_SCORE = 0.3
#: The same in other languages, where 4 % of the sentences get an answer, 85 % of those a correct one.
MIN_ELSEWHERE = 0.6
#: Temperature for other languages than the encoder's. Without it, half of the answers with a score of 0.7 to 0.8 are
#: correct; with it 90 %.
TEMPERATURE_ELSEWHERE = 1.4
#: Minimum probability of a further topic.
MIN_FURTHER = 0.2
#: Minimum score of a concept below a topic: more than one mention gives, since one may be meant otherwise ("a curling shot").
MIN_BELOW = 0.35
#: Maximum number of concepts below one top-level topic.
MAX_BELOW = 3
#: All of the above; if one changes, the version does.
_PARAMETERS = (
    CANDIDATE_PIECES,
    READ_PIECES,
    SURE,
    MIN_SCORE,
    MIN_ELSEWHERE,
    TEMPERATURE_ELSEWHERE,
    MIN_FURTHER,
    MIN_BELOW,
    MAX_BELOW,
)


@dataclass(frozen=True, slots=True, eq=False)
class TopicTagger:
    """A `stage.Tagger` for IPTC Media Topics."""

    encoder: Encoder
    #: Top-level topics, from the mean embedding and from the encoder's vector.
    first: Probe
    second: Probe
    #: Concepts of the second level, from the encoder's vector.
    below: Probe
    #: By piece (`Archive.informativeness`).
    informativeness: bytes
    gazetteer: Gazetteer
    version: str
    taxonomy: str
    release: str
    #: See `SURE`; above 1 the encoder always runs.
    sure: float = SURE
    name: str = "encoder"
    _elsewhere: Probe = field(init=False, repr=False)
    _children: Mapping[str, Sequence[str]] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        children: dict[str, list[str]] = defaultdict(list)
        for label in self.below.labels:
            children[self.gazetteer.concepts[label].top].append(label)
        object.__setattr__(self, "_children", children)
        object.__setattr__(self, "_elsewhere", with_temperature(self.second, TEMPERATURE_ELSEWHERE))

    @property
    def best_labels(self) -> Sequence[str]:
        """Return the labels of the top level."""
        return [self.gazetteer.concepts[id_].label for id_ in self.first.labels]

    def tag(self, text: str, language: str) -> tuple[Topic, ...]:
        """Return the topics of `text`, best first: top-level ones, and concepts below them.

        The score of a top-level topic is its probability. The score of a concept below it is that times the concept's
        probability by the probe, or times n / (n + 2) for n mentions of its name, whichever is higher.
        """
        if not any(map(str.isalpha, text)):  # the encoder gives numbers topics, too
            return ()
        pieces = self.read(text)
        if not pieces:
            return ()
        known = language.partition("-")[0] in LANGUAGES
        scores, vector = self._top_level(pieces, known=known)
        if max(scores.values()) < (MIN_SCORE if known else MIN_ELSEWHERE):
            return ()
        found = {id_: score for id_, score in scores.items() if score >= MIN_FURTHER}
        below = self._by_name(text, language, found)
        for id_, score in self._by_meaning(vector, found):
            below[id_] = max(score, below.get(id_, 0.0))
        ranked = sorted((found | self._few(below)).items(), key=lambda item: (-item[1], item[0]))
        return tuple(self._topic(id_, score) for id_, score in ranked)

    def read(self, text: str) -> list[int]:
        """Return the pieces of `text` that its topics are determined from."""
        pieces = self.encoder.read(text, CANDIDATE_PIECES)
        if len(pieces) <= READ_PIECES:
            return pieces
        ranked = sorted(range(len(pieces)), key=lambda place: -self.informativeness[pieces[place]])
        return [pieces[place] for place in sorted(ranked[:READ_PIECES])]

    def _top_level(self, pieces: Sequence[int], *, known: bool) -> tuple[dict[str, float], Vector | None]:
        """Return the topics' probabilities, and the encoder's vector if the encoder ran."""
        if known:
            scores = self.first.scores(self.encoder.mean_embedding(pieces))
            if max(scores.values()) >= self.sure:
                return scores, None
        vector = self.encoder.encode(pieces)
        probe = self.second if known else self._elsewhere
        return probe.scores(vector), vector

    def _by_meaning(self, vector: Vector | None, found: Mapping[str, float]) -> Iterable[tuple[str, float]]:
        if vector is None:
            return
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
    return TopicTagger(
        encoder=Encoder.load(),
        first=archive.first,
        second=archive.second,
        below=archive.below,
        informativeness=archive.informativeness,
        gazetteer=Gazetteer(archive.concepts),
        version=f"1-{digest(data, encoder_version(), *_PARAMETERS)}",
        taxonomy=archive.about.taxonomy,
        release=archive.about.release,
    )
