"""What each of the three detectors says, in one set of codes: ISO 639-1 where it has one, Chinese is `zh`."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, Self

#: ISO 639-2's code for what cannot be told.
UNDETERMINED = "und"

#: Characters that py3langid reads: of 448 articles in 54 languages it has all right with so many, at 1 us a byte.
GLIMPSE = 200

#: Codes that mean a language with another name here: old codes; one of several that ISO 639-3 has for it; Bosnian,
#: which neither of the pair can tell from Croatian (18 of 200 Croatian sentences are Bosnian to both), and which
#: langdetect does not know; both Norwegians, which are one to langdetect.
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
    # No language, a made up one, or a group of several.
    **dict.fromkeys(("un", "zxx", "zzp", "tlh", "bh"), UNDETERMINED),
}

# What CLD2 takes no text with: control characters, surrogates, noncharacters.
_NONCHARACTERS = "\ufdd0-\ufdef" + "".join(
    chr(plane << 16 | 0xFFFE) + chr(plane << 16 | 0xFFFF) for plane in range(17)
)
_REFUSED = re.compile(f"[\x00-\x08\x0b\x0e-\x1f\x7f-\x9f\ud800-\udfff{_NONCHARACTERS}]")


@dataclass(frozen=True, slots=True)
class Opinion:
    """A language, and how sure its detector is, 0 to 1, by its own measure."""

    language: str
    confidence: float


@dataclass(frozen=True, slots=True)
class Bayes:
    """py3langid: naive Bayes over byte n-grams, 140 languages."""

    _identifier: Any = field(repr=False)
    knows: frozenset[str]

    @classmethod
    def load(cls) -> Self:
        """Read the model: 0.5 s and 95 MB with numpy, so once and before the fork."""
        from py3langid.langid import MODEL_FILE, LanguageIdentifier  # noqa: PLC0415 - loads numpy

        identifier = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
        return cls(identifier, frozenset(map(_code, identifier.labels)))

    def ask(self, text: str) -> Opinion:
        """Return the most likely language of the first 200 characters, and its probability."""
        language, probability = self._identifier.classify(text[:GLIMPSE])
        return Opinion(_code(language), float(probability))


@dataclass(frozen=True, slots=True)
class Quads:
    """pycld2: CLD2's tables of four letters, some 160 languages; they are mapped from its library, not read."""

    _detect: Callable[..., Any] = field(repr=False)
    _error: type[Exception] = field(repr=False)

    @classmethod
    def load(cls) -> Self:
        """Import it."""
        from pycld2 import detect, error  # noqa: PLC0415 - the library has 9 MB

        return cls(detect, error)

    def ask(self, text: str) -> tuple[Opinion, bool]:
        """Return the language that most of `text` is in, and whether CLD2 holds its own answer reliable.

        The confidence is what the text scores a KiB, 1 for 2,000: 0.1 to 1 in a language that it knows.
        """
        try:
            reliable, _, found = self._detect(text)
            if not reliable:
                _, _, found = self._detect(text, bestEffort=True)
        except (self._error, UnicodeEncodeError):
            return self.ask(_REFUSED.sub(" ", text))
        _, code, _, score = found[0]
        return Opinion(_code(code), min(1.0, score / 2000)), reliable


@dataclass(frozen=True, slots=True)
class Profiles:
    """langdetect: 55 languages, of which it names one whatever it is shown.

    The profiles are read when it is first asked, or by `warm`: where the fast pair agrees, nobody asks. They are its own. The module's
    `detect` shares one set that the first call loads and other threads see half loaded: of 24 calls in 8 threads 3
    were right.
    """

    knows: frozenset[str]

    @classmethod
    def load(cls) -> Self:
        """Read what the languages are."""
        from langdetect.detector_factory import PROFILES_DIRECTORY  # noqa: PLC0415 - as the others

        return cls(frozenset(_code(file.name) for file in Path(PROFILES_DIRECTORY).iterdir()))

    def warm(self) -> None:
        """Read the profiles: 0.3 s and 66 MB, so once and before the fork; a child then costs 5 MB."""
        _profiles()

    def ask(self, text: str) -> Opinion:
        """Return its best language and the probability; `und` with 0 where it finds no n-grams that it knows."""
        from langdetect.lang_detect_exception import LangDetectException  # noqa: PLC0415 - as the others

        detector = _profiles().create()
        detector.append(text)
        try:
            best, *_ = detector.get_probabilities()
        except (LangDetectException, ValueError):  # no features; no language above its threshold
            return Opinion(UNDETERMINED, 0.0)
        return Opinion(_code(best.lang), float(best.prob))


@cache
def _profiles() -> Any:
    """Return langdetect's factory of detectors, its profiles loaded."""
    from langdetect.detector_factory import PROFILES_DIRECTORY, DetectorFactory  # noqa: PLC0415 - as the others

    factory = DetectorFactory()
    factory.load_profile(PROFILES_DIRECTORY)
    factory.set_seed(0)  # it samples n-grams: the same text is to get the same answer
    return factory


def _code(code: str) -> str:
    return UNDETERMINED if code.startswith("xx-") else _CODES.get(code, code)
