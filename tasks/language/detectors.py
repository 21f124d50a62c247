"""The three language detectors, with one set of codes: ISO 639-1 where it has one, `zh` for Chinese."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Self

from tasks.language.compat import langdetect_factory, langdetect_languages

#: ISO 639-2's code for an undetermined language.
UNDETERMINED = "und"

#: Characters that py3langid reads, at 1 us a byte: with so many it has 448 of 448 articles in 54 languages right.
PY3LANGID_SAMPLE = 200

#: The detectors' codes that are replaced: old codes; one of several ISO 639-3 codes of a language; Bosnian, which
#: py3langid and CLD2 cannot tell from Croatian (both take 18 of 200 Croatian sentences for Bosnian; south_slavic.py does
#: that); Bokmål and Nynorsk, which langdetect does not tell apart.
_CODES = {
    "iw": "he",
    "jw": "jv",
    "mo": "ro",
    "nb": "no",
    "nn": "no",
    "bs": "hr",
    "tw": "ak",
    "kik": "ki",
    "gug": "gn",
    "uzs": "uz",
    "sdh": "ku",
    "ary": "ar",
    "arz": "ar",
    "grc": "el",
    "hbo": "he",
    "zh-cn": "zh",
    "zh-tw": "zh",
    "zh-Hant": "zh",
    "yue": "zh",
    "wuu": "zh",
    "sr-ME": "sr",
    # No language, a constructed one, or a group of several.
    **dict.fromkeys(("un", "zxx", "zzp", "tlh", "bh"), UNDETERMINED),
}

# CLD2 refuses a text with control characters, surrogates or noncharacters.
_NONCHARACTERS = "\ufdd0-\ufdef" + "".join(
    chr(plane << 16 | 0xFFFE) + chr(plane << 16 | 0xFFFF) for plane in range(17)
)
_REFUSED = re.compile(f"[\x00-\x08\x0b\x0e-\x1f\x7f-\x9f\ud800-\udfff{_NONCHARACTERS}]")


@dataclass(frozen=True, slots=True)
class Prediction:
    """A language, and the detector's own confidence in it, 0 to 1.

    `scores`: CLD2's for each KiB of text in each of the languages that it finds, at most three.
    """

    language: str
    confidence: float
    scores: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Py3langid:
    """py3langid: naive Bayes over byte n-grams, 140 languages."""

    _identifier: Any = field(repr=False)
    knows: frozenset[str]

    @classmethod
    def load(cls) -> Self:
        """Read the model: 0.5 s and 95 MB with numpy, so once and before the fork."""
        from py3langid.langid import MODEL_FILE, LanguageIdentifier  # noqa: PLC0415 - loads numpy

        identifier = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
        return cls(identifier, frozenset(map(detector_code, identifier.labels)))

    def predict(self, text: str) -> Prediction:
        """Return the most likely language of the first 200 characters, and its probability."""
        language, probability = self._identifier.classify(text[:PY3LANGID_SAMPLE])
        return Prediction(detector_code(language), float(probability))


@dataclass(frozen=True, slots=True)
class Cld2:
    """pycld2: CLD2's tables of four-letter sequences, some 160 languages, in the memory-mapped library."""

    _detect: Callable[..., Any] = field(repr=False)
    _error: type[Exception] = field(repr=False)

    @classmethod
    def load(cls) -> Self:
        """Import it."""
        from pycld2 import detect, error  # noqa: PLC0415 - the library has 9 MB

        return cls(detect, error)

    def predict(self, text: str) -> tuple[Prediction, bool]:
        """Return the language of most of `text`, and whether CLD2 calls its own answer reliable.

        The confidence is CLD2's score for each KiB of text, divided by 2,000: 0.1 to 1 in a language that it knows.
        """
        try:
            reliable, _, found = self._detect(text)
            if not reliable:
                _, _, found = self._detect(text, bestEffort=True)
        except (self._error, UnicodeEncodeError):
            return self.predict(_REFUSED.sub(" ", text))
        scores: dict[str, int] = {}
        for _, code, _, score in found:
            scores.setdefault(detector_code(code), int(score))
        _, code, _, score = found[0]
        return Prediction(detector_code(code), min(1.0, score / 2000), scores), reliable


@dataclass(frozen=True, slots=True)
class Langdetect:
    """langdetect: 55 languages; it names one of them for any text.

    The profiles are read on first use, or by `warm`: where the other two agree, langdetect is not used.
    """

    knows: frozenset[str]

    @classmethod
    def load(cls) -> Self:
        """Read the names of the languages."""
        return cls(frozenset(map(detector_code, langdetect_languages())))

    def warm(self) -> None:
        """Read the profiles: 0.3 s and 66 MB, so once and before the fork; a child then costs 5 MB."""
        langdetect_factory()

    def predict(self, text: str) -> Prediction:
        """Return the most likely language and its probability; `und` and 0 where it knows none of the n-grams."""
        from langdetect import LangDetectException  # noqa: PLC0415 - loaded where it is used

        detector = langdetect_factory().create()
        detector.append(text)
        try:
            best, *_ = detector.get_probabilities()
        except (LangDetectException, ValueError):  # no features; no language above its threshold
            return Prediction(UNDETERMINED, 0.0)
        return Prediction(detector_code(best.lang), float(best.prob))


def detector_code(code: str) -> str:
    """Return the code here of a detector's `code`."""
    return UNDETERMINED if code.startswith("xx-") else _CODES.get(code, code)
