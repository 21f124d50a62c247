"""The stage itself: article in, article with its language out."""

from tasks.article import Article
from tasks.errors import Reason, Rejected
from tasks.language.detector import Detector

#: A text of fewer characters is read together with its title.
SHORT = 200


def detect_language(article: Article, *, detector: Detector) -> Article:
    """Return `article` with its language, its script, the confidence and the detector's name.

    Raises Rejected (language) where the detector does not want that language.
    """
    text = article.text or ""
    if len(text) < SHORT and article.title:
        text = f"{article.title}\n{text}"
    guess = detector.detect(text)
    if not detector.wants(guess.language):
        wanted = ", ".join(detector.wanted)
        raise Rejected(
            Reason.LANGUAGE, f"{guess.language} ({guess.confidence:.2f}), which is not of {wanted}"
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
