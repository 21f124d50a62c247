"""Language: accuracy by kind of text, beside langdetect."""

import gzip
import json
import tomllib
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path

from langdetect import DetectorFactory, LangDetectException, detect
from langdetect.detector_factory import init_factory
from pycld2 import LANGUAGES

from benchmarks.stages.eval.measures import macro_accuracy
from benchmarks.stages.eval.table import Missing, Note, Row
from benchmarks.stages.interleaved import interleaved
from seeds.demo.stories import HEADING, load_stories
from tasks.language.detector import Detector, Guess
from tasks.language.detectors import UNDETERMINED, detector_code
from tasks.language.scripts import LANGUAGES_BY_SCRIPT

STAGE = "language"
LIBRARY = "langdetect.detect, seed 0"
#: Confidence from which a wrong answer counts as confidently wrong.
CONFIDENT = 0.8

#: FLORES codes of varieties, and the language code that counts as right for each.
_WRITTEN_AS = {
    **dict.fromkeys(("acm", "acq", "aeb", "ajp", "apc", "ars", "ary", "arz"), "ar"),
    "azb": "az",
    "ckb": "ku",
    "pbt": "ps",
    "quy": "qu",
    "yue": "zh-tw",
    "taq": "zgh",
    "tzm": "zgh",
}
#: Varieties of langdetect's languages in a script, or by a standard, that it does not know.
_UNKNOWN_VARIETIES = {"arb_Latn", "prs_Arab"}
#: Languages that are told apart by their words, and Serbian's letters in the other alphabet.
_SOUTH_SLAVIC = frozenset({"bs", "hr", "sr"})
_LATIN = {
    **dict(zip("абвгдђежзијклмнопрстћуфхцчш", "abvgdđežzijklmnoprstćufhcčš", strict=True)),
    "љ": "lj",
    "њ": "nj",
    "џ": "dž",
}
_TO_LATIN = str.maketrans(_LATIN | {letter.upper(): latin.capitalize() for letter, latin in _LATIN.items()})
_KINDS = {"head": "headlines", "para": "paragraphs", "article": "articles"}


@dataclass(frozen=True, slots=True)
class Text:
    """A text and its language."""

    language: str
    text: str


def rows(data: Path | None) -> Iterator[Row | Missing | Note]:
    """Yield accuracies on the FLORES texts, on the demo's stories and on the project's own sentences."""
    yield Note(STAGE, f"the library is {LIBRARY}.")
    detector = Detector.load()
    detector.warm()
    DetectorFactory.seed = 0
    init_factory()
    if data and (data / "language/sib.jsonl.gz").exists():
        yield from _flores(detector, data / "language/sib.jsonl.gz")
    else:
        yield Missing(STAGE, "language in NEWSMILL_DATA")
    stories = load_stories()
    headlines = [Text(story.lang, story.title) for story in stories]
    yield _row(detector, "demo headlines", headlines)
    yield _row(detector, "demo stories", [Text(story.lang, _text(story.body)) for story in stories])
    own = tomllib.loads((Path(__file__).parent / "own_sets/language.toml").read_text("utf-8"))
    yield _row(detector, "own sentences", [Text(one, text) for one, texts in own.items() for text in texts])


def _flores(detector: Detector, file: Path) -> Iterator[Row | Note]:
    with gzip.open(file, "rt", encoding="utf-8") as lines:
        texts = [json.loads(line) for line in lines]
    for kind, name in _KINDS.items():
        chosen = [one for one in texts if one["kind"] == kind]
        known = [one for one in chosen if _known(detector, one)]
        yield _row(
            detector, f"{name}, langdetect's languages", [Text(_code(one), one["text"]) for one in known]
        )
        others = [Text(_code(one), one["text"]) for one in chosen if not _known(detector, one)]
        yield from _others(detector, f"{name}, other languages", others)
        yield from _unknown(detector, name, others)
        yield from _south_slavic(detector, name, chosen)


def _row(detector: Detector, name: str, texts: Sequence[Text]) -> Row:
    (guesses, cost), (bare, bare_cost) = interleaved(
        texts, lambda text: detector.detect(text.text), lambda text: _bare(text.text)
    )
    true = [text.language for text in texts]
    score = macro_accuracy(true, [guess.language for guess in guesses])
    return Row(
        STAGE, name, len(texts), "accuracy by language", score, macro_accuracy(true, bare), cost, bare_cost
    )


def _others(detector: Detector, name: str, texts: Sequence[Text]) -> Iterator[Row | Note]:
    """Yield the answers for languages that langdetect does not know: right, `und`, or wrong."""
    (guesses, cost), (bare, bare_cost) = interleaved(
        texts, lambda text: detector.detect(text.text), lambda text: _bare(text.text)
    )
    count = len(texts)
    answers = list(zip(texts, guesses, strict=True))
    ends = Counter(_end(text, guess) for text, guess in answers)
    fair = sum(answer in {text.language, UNDETERMINED} for text, answer in zip(texts, bare, strict=True))
    score = (ends["right"] + ends[UNDETERMINED]) / count
    yield Row(STAGE, name, count, "right or und", score, fair / count, cost, bare_cost)
    wrong = Counter(
        f"{text.language} as {guess.language}"
        for text, guess in answers
        if _end(text, guess) == "confidently wrong"
    )
    shares = ", ".join(f"{end} {number / count:.3f}" for end, number in ends.most_common())
    most = ", ".join(f"{pair} {number}" for pair, number in wrong.most_common(12))
    yield Note(STAGE, f"{name}: {shares}. Wrong with {CONFIDENT} or more: {most}")


def _unknown(detector: Detector, name: str, texts: Sequence[Text]) -> Iterator[Row]:
    """Yield how often a language that no detector knows is not taken for another one with confidence.

    The rules were chosen on half of these languages.
    """
    scripts = {one for languages in LANGUAGES_BY_SCRIPT.values() for one in languages}
    nameable = {detector_code(code) for _, code in LANGUAGES} | detector.py3langid.knows | scripts
    for half, what in enumerate(("chosen on", "judged on")):
        chosen = [
            text
            for text in texts
            if text.language not in nameable
            and blake2b(text.language.encode(), digest_size=1).digest()[0] & 1 == half
        ]
        ends = Counter(_end(text, detector.detect(text.text)) for text in chosen)
        for measure, score in (
            ("und", ends[UNDETERMINED] / len(chosen)),
            ("not confidently wrong", 1 - ends["confidently wrong"] / len(chosen)),
        ):
            yield Row(STAGE, f"{name}, unknown, {what}", len(chosen), measure, score)


def _south_slavic(detector: Detector, name: str, texts: Sequence[dict[str, str]]) -> Iterator[Row]:
    """Yield the accuracy on Bosnian, Croatian and Serbian in Latin letters, alone and where the page declares it."""
    three = [
        Text(one["lang"], one["text"].translate(_TO_LATIN)) for one in texts if one["lang"] in _SOUTH_SLAVIC
    ]
    true = [text.language for text in three]
    for declared in (False, True):
        answers = [detector.detect(text.text, text.language if declared else None).language for text in three]
        score = macro_accuracy(true, answers)
        what = "bs, hr, sr declared" if declared else "bs, hr, sr"
        yield Row(STAGE, f"{name}, {what}", len(three), "accuracy by language", score)


def _end(text: Text, guess: Guess) -> str:
    if guess.language == text.language:
        return "right"
    if guess.language == UNDETERMINED:
        return UNDETERMINED
    return "confidently wrong" if guess.confidence >= CONFIDENT else "wrong"


def _bare(text: str) -> str:
    try:
        return str(detect(text))
    except LangDetectException:
        return UNDETERMINED


def _known(detector: Detector, one: dict[str, str]) -> bool:
    return one["lang"] in detector.langdetect.knows and one["variant"] not in _UNKNOWN_VARIETIES


def _code(one: dict[str, str]) -> str:
    if one["lang"] == "zh":
        return "zh-tw" if one["variant"].endswith("Hant") else "zh-cn"
    return _WRITTEN_AS.get(one["lang"], one["lang"])


def _text(body: Sequence[str]) -> str:
    return "\n".join(block.removeprefix(HEADING) for block in body)
