"""What the detectors name for one text, and whether it is believed."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from tasks.language.declared import are_relatives
from tasks.language.detectors import UNDETERMINED, Prediction
from tasks.language.likeness import Likeness, certainty
from tasks.language.words import words_of

#: The name of the detector where the page's own statement decided.
DECLARED = "declared"
#: Characters below which a declaration decides between any languages that the detectors name.
_SHORT = 200
#: Confidence in a language that is declared, and that the text does not contradict.
_CONFIDENCE = 0.5


@dataclass(slots=True)
class Ballot:
    """The languages that are named for `text`; `declared`: the page's own, empty for none.

    `capitals`: share of the words that begin with a capital, as the page has them.
    """

    text: str
    capitals: float
    script: str
    declared: str
    likeness: Likeness
    candidates: list[str] = field(default_factory=list)
    #: CLD2's scores of the languages that it finds.
    scores: Mapping[str, int] = field(default_factory=dict)

    def named(self, prediction: Prediction) -> Prediction:
        """Note what a detector names. Serbian in Latin letters is Croatian here: they know them as one."""
        if self.script == "Latn":
            if "sr" in prediction.scores:
                best = max(prediction.scores["sr"], prediction.scores.get("hr", 0))
                prediction = replace(prediction, scores={**prediction.scores, "hr": best})
            if prediction.language == "sr":
                prediction = replace(prediction, language="hr")
        if prediction.scores:
            self.scores = prediction.scores
        self.candidates.append(prediction.language)
        return prediction

    def elect(self, prediction: Prediction, detector: str) -> tuple[Prediction, str]:
        """Return `prediction` with its detector; `und` where the text is unlike its language."""
        score = self.scores.get(prediction.language, 0)
        key = f"{prediction.language}-{self.script}"
        words = words_of(self.text)
        like = self.likeness
        if like.is_relative(prediction.language, words) or like.is_written_otherwise(
            prediction.language, self.script
        ):
            return self._relative_of(prediction.language, detector)
        above = like.above_least(key, words, score, self.capitals)
        if above is None:
            return prediction, detector
        if above < 0:
            return self._relative_of(prediction.language, detector)
        return (scaled(prediction, certainty(above)) if score else prediction), detector

    def undecided(self, detector: str) -> tuple[Prediction, str]:
        """Return `und`, or what is declared if a detector names it, and the text is short or they name relatives."""
        short = len(self.text) < _SHORT and self.declared != "en"
        declared = "hr" if self.declared in {"sr", "bs"} and self.script == "Latn" else self.declared
        if declared in self.candidates and (short or self._are_relatives()):
            return Prediction(declared, _CONFIDENCE), DECLARED
        return Prediction(UNDETERMINED, 0.0), detector

    def _relative_of(self, language: str, detector: str) -> tuple[Prediction, str]:
        """Return what is declared if it is a relative of `language` that no profile is of, else `und`."""
        unknown = f"{self.declared}-{self.script}" not in self.likeness.profiles
        if self.declared and unknown and are_relatives(language, self.declared):
            return Prediction(self.declared, _CONFIDENCE), DECLARED
        return Prediction(UNDETERMINED, 0.0), detector

    def _are_relatives(self) -> bool:
        return all(are_relatives(one, self.declared) for one in self.candidates)


def scaled(prediction: Prediction, factor: float) -> Prediction:
    """Return `prediction` with its confidence times `factor`."""
    return replace(prediction, confidence=prediction.confidence * factor)
