"""The stage function: sets an article's language."""

from tasks.article import Article
from tasks.errors import Reason, Rejected
from tasks.language.detector import Detector

#: Characters below which the title is read together with the text.
SHORT = 200


def detect_language(article: Article, *, detector: Detector) -> Article:
    """Return `article` with its language, its script, the confidence and the name of the detector that decided.

    Raises Rejected(language) for a language that is not in `detector.wanted`.
    """
    text = article.text or ""
    if len(text) < SHORT and article.title:
        text = f"{article.title}\n{text}"
    guess = detector.detect(text, article.declared_language)
    if not detector.wants(guess.language):
        wanted = ", ".join(detector.wanted)
        raise Rejected(
            Reason.LANGUAGE, f"language {guess.language} ({guess.confidence:.2f}), wanted: {wanted}"
        )
    return article.evolve(
        language=guess.language,
        language_confidence=guess.confidence,
        language_detector=guess.detector,
        script=guess.script,
        versions=article.versions | {"detector": detector.version},
    )


def load(*, detector: Detector) -> None:
    """Load the models of all three detectors, so that forked workers share them."""
    detector.warm()
