"""Stage 3, detect language: langdetect behind a guard on the script.

langdetect knows 55 languages and answers with one of them whatever it is shown: Georgian is Estonian to it.
So a script that none of its profiles is written in decides by itself.
"""

import re
from collections import Counter
from dataclasses import dataclass, field
from importlib.metadata import version
from typing import Any, Self

from langdetect.detector_factory import PROFILES_DIRECTORY, DetectorFactory
from langdetect.lang_detect_exception import LangDetectException

from tasks.article import Article

#: ISO 639-2's code for what cannot be told.
UNDETERMINED = "und"

#: Characters looked at: on 54 languages 99.3 % right with 1,000, 99.4 % with whole articles in twice the time.
SAMPLE = 1000
#: A text of fewer characters is read together with its title: headlines alone are right 97.4 times in 100.
SHORT = 200

# Scripts without a profile, each with the language that most of what is published in it is written in.
_SCRIPTS = {
    "hy": "\u0530-\u058f",  # Armenian
    "dv": "\u0780-\u07bf",  # Thaana
    "nqo": "\u07c0-\u07ff",  # N'Ko
    "or": "\u0b00-\u0b7f",  # Oriya
    "si": "\u0d80-\u0dff",  # Sinhala
    "lo": "\u0e80-\u0eff",  # Lao
    "bo": "\u0f00-\u0fff",  # Tibetan
    "my": "\u1000-\u109f\uaa60-\uaa7f",  # Burmese
    "ka": "\u10a0-\u10ff\u1c90-\u1cbf",  # Georgian
    "am": "\u1200-\u139f",  # Ethiopic
    "chr": "\u13a0-\u13ff\uab70-\uabbf",  # Cherokee
    "km": "\u1780-\u17ff",  # Khmer
    "mn": "\u1800-\u18af",  # Mongolian
    "sat": "\u1c50-\u1c7f",  # Ol Chiki
    "zgh": "\u2d30-\u2d7f",  # Tifinagh
    "ii": "\ua000-\ua4cf",  # Yi
    "mni": "\uabc0-\uabff",  # Meetei Mayek
}
_UNKNOWN = re.compile("|".join(f"(?P<{language}>[{ranges}])" for language, ranges in _SCRIPTS.items()))
_LETTER = re.compile(r"[^\W\d_]")
_HAN = re.compile("[\u3400-\u4dbf\u4e00-\u9fff\U00020000-\U0003134f]")
_IN_HAN = frozenset({"ja", "zh-cn", "zh-tw"})


@dataclass(frozen=True, slots=True)
class Guess:
    """A language, as ISO 639 code, how sure its detector is (0 to 1, not calibrated), and which one that was."""

    language: str
    confidence: float
    detector: str


@dataclass(frozen=True, slots=True)
class Detector:
    """langdetect with its profiles loaded; made by `load`.

    The profiles are its own. The module's `detect` shares one set that the first call loads and other threads
    see half loaded: of 24 calls in 8 threads 3 were right.
    """

    _factory: Any = field(repr=False)

    @classmethod
    def load(cls) -> Self:
        """Read the profiles: 0.3 s and 66 MB, so once and before the fork; a child then costs 5 MB."""
        factory = DetectorFactory()
        factory.load_profile(PROFILES_DIRECTORY)
        factory.set_seed(0)  # it samples n-grams: the same text is to get the same answer
        return cls(factory)

    @property
    def version(self) -> str:
        """What detects, e.g. `langdetect 1.0.9`."""
        return f"langdetect {version('langdetect')}"

    def detect(self, text: str) -> Guess:
        """Return the language of the first 1,000 characters of `text`.

        `und` with confidence 0 where there are no words: empty text, digits, URLs, emoji.
        """
        sample = _lowered(text[:SAMPLE])
        return _by_script(sample) or self._by_profile(sample)

    def _by_profile(self, text: str) -> Guess:
        detector = self._factory.create()
        detector.append(text)
        try:
            best, *_ = detector.get_probabilities()
        except (LangDetectException, ValueError):  # no features; no language above its threshold
            return Guess(UNDETERMINED, 0.0, "langdetect")
        # Two in three headlines in traditional characters are Korean to it, some with a foreign name Spanish.
        language = "zh-tw" if best.lang not in _IN_HAN and _is_han(text) else best.lang
        return Guess(language, round(best.prob, 4), "langdetect")


def detect_language(article: Article, *, detector: Detector) -> Article:
    """Return `article` with its language, the confidence in it and the detector's name."""
    text = article.text or ""
    if len(text) < SHORT and article.title:
        text = f"{article.title}\n{text}"
    guess = detector.detect(text)
    return article.evolve(
        language=guess.language,
        language_confidence=guess.confidence,
        language_detector=guess.detector,
        versions=article.versions | {"detector": detector.version},
    )


def _lowered(text: str) -> str:
    """Return `text` in lower case if most of it is capitals, which take langdetect from 98 % right to 62 %."""
    capitals = sum(map(str.isupper, text))
    return text.lower() if capitals * 2 > len(_LETTER.findall(text)) else text


def _is_han(text: str) -> bool:
    """Tell whether most letters are Chinese characters."""
    return len(_HAN.findall(text)) * 2 > len(_LETTER.findall(text))


def _by_script(text: str) -> Guess | None:
    """Return the language of a text mostly in a script that langdetect has no profile for, None for others."""
    if not _UNKNOWN.search(text):
        return None
    scripts = Counter(match.lastgroup for match in _UNKNOWN.finditer(text))
    language, count = scripts.most_common(1)[0]
    share = min(1.0, count / (len(_LETTER.findall(text)) or 1))
    return Guess(language, round(share, 4), "script") if language and share > 1 / 2 else None
