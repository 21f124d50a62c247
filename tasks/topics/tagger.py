"""The tagger: probes on the encoder's vectors choose the topics, probe and gazetteer what is below them.

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
from tasks.topics.probe import Probe, tempered

#: Pieces of a text that are looked at, some 1,300 characters of English, and the most telling of them that are
#: read, in their order. Of 52 articles in 13 languages the encoder finds a right topic for 35 in their first 64
#: pieces, for 39 in their first 160, and for 39 in the 40 most telling of 300, at a third of the cost.
LOOKED_AT, READ = 300, 40
#: Probability of the best topic from which the sketch's answer is taken and the encoder not asked. Where it is
#: that sure it is as often right as the encoder (67 and 69 of 100 sentences of SIB-200, 88 and 88 headlines).
SURE = 0.65
#: Least probability of the best topic, or the text has none: it would be a guess among seventeen. Of SIB-200's
#: sentences in the encoder's languages 83 % get an answer, 64 % of those the right one.
MIN_SCORE = 0.3
#: The same outside the encoder's languages, where 4 % of sentences get an answer, 85 % of those the right one.
MIN_ELSEWHERE = 0.6
#: What the logits are divided by outside the encoder's languages, or the scores promise more than they keep:
#: of what scores 0.7 to 0.8 without it half is right, with it 90 %.
COOLER = 1.4
#: Least probability of a further topic.
ALSO = 0.2
#: Least score of a concept below a topic: more than a single mention can give, which may be a shot that is curling.
MIN_BELOW = 0.35
#: Most concepts given under one top-level topic.
MAX_BELOW = 3
#: All of the above: another choice is another version.
_CHOSEN = (LOOKED_AT, READ, SURE, MIN_SCORE, MIN_ELSEWHERE, COOLER, ALSO, MIN_BELOW, MAX_BELOW)


@dataclass(frozen=True, slots=True, eq=False)
class TopicTagger:
    """A `stage.Tagger` for IPTC Media Topics."""

    encoder: Encoder
    #: Top-level topics, from the sketch and from the encoder's vector.
    first: Probe
    second: Probe
    #: Concepts of the second level, from the encoder's vector.
    below: Probe
    #: How telling each piece is (`Archive.telling`).
    telling: bytes
    gazetteer: Gazetteer
    version: str
    taxonomy: str
    release: str
    #: See `SURE`; above 1 the encoder is always asked.
    sure: float = SURE
    name: str = "encoder"
    _elsewhere: Probe = field(init=False, repr=False)
    _children: Mapping[str, Sequence[str]] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        children: dict[str, list[str]] = defaultdict(list)
        for label in self.below.labels:
            children[self.gazetteer.concepts[label].top].append(label)
        object.__setattr__(self, "_children", children)
        object.__setattr__(self, "_elsewhere", tempered(self.second, COOLER))

    @property
    def best_labels(self) -> Sequence[str]:
        """Return the labels of the top level."""
        return [self.gazetteer.concepts[id_].label for id_ in self.first.labels]

    def tag(self, text: str, language: str) -> tuple[Topic, ...]:
        """Return the topics of `text`, best first: top-level ones, and concepts below them.

        A top-level topic has its probability for a score; the concepts below have theirs, given their topic's,
        by the probe, or p * n / (n + 2) for n mentions of their name: never more than the topic.
        """
        if not any(map(str.isalpha, text)):  # the encoder has an opinion of numbers, too
            return ()
        pieces = self.read(text)
        if not pieces:
            return ()
        known = language.partition("-")[0] in LANGUAGES
        scores, vector = self._top_level(pieces, known=known)
        if max(scores.values()) < (MIN_SCORE if known else MIN_ELSEWHERE):
            return ()
        winners = {id_: score for id_, score in scores.items() if score >= ALSO}
        below = self._by_name(text, language, winners)
        for id_, score in self._by_meaning(vector, winners):
            below[id_] = max(score, below.get(id_, 0.0))
        ranked = sorted((winners | self._few(below)).items(), key=lambda item: (-item[1], item[0]))
        return tuple(self._topic(id_, score) for id_, score in ranked)

    def read(self, text: str) -> list[int]:
        """Return the pieces of `text` that its topics are told from."""
        pieces = self.encoder.read(text, LOOKED_AT)
        if len(pieces) <= READ:
            return pieces
        ranked = sorted(range(len(pieces)), key=lambda place: -self.telling[pieces[place]])
        return [pieces[place] for place in sorted(ranked[:READ])]

    def _top_level(self, pieces: Sequence[int], *, known: bool) -> tuple[dict[str, float], Vector | None]:
        """Return the topics' probabilities, and the encoder's vector if it was asked."""
        if known:
            scores = self.first.scores(self.encoder.sketch(pieces))
            if max(scores.values()) >= self.sure:
                return scores, None
        vector = self.encoder.encode(pieces)
        probe = self.second if known else self._elsewhere
        return probe.scores(vector), vector

    def _by_meaning(self, vector: Vector | None, winners: Mapping[str, float]) -> Iterable[tuple[str, float]]:
        if vector is None:
            return
        for top, score in winners.items():
            for id_, share in self.below.scores_among(vector, self._children[top]).items():
                yield id_, score * share

    def _by_name(self, text: str, language: str, winners: Mapping[str, float]) -> dict[str, float]:
        concepts = self.gazetteer.concepts
        return {
            id_: winners[concepts[id_].top] * count / (count + 2)
            for id_, count in self.gazetteer.mentions(text, language).items()
            if concepts[id_].top in winners
        }

    def _few(self, below: Mapping[str, float]) -> dict[str, float]:
        """Return the best of what scores enough, no more under one topic than may be."""
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
    """Return the tagger that comes with the project; a second and 130 MB, best spent before a worker forks."""
    data = files(__package__).joinpath("topics.zip").read_bytes()
    archive = read_archive(data)
    return TopicTagger(
        encoder=Encoder.load(),
        first=archive.first,
        second=archive.second,
        below=archive.below,
        telling=archive.telling,
        gazetteer=Gazetteer(archive.concepts),
        version=f"1-{digest(data, encoder_version(), *_CHOSEN)}",
        taxonomy=archive.about.taxonomy,
        release=archive.about.release,
    )
