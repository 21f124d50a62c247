"""The stages' tools that need nothing but the settings."""
# ruff: noqa: PLC0415 - imported where it is needed: parsers and models take 40 MB in workers that do not use them

from functools import cached_property
from typing import TYPE_CHECKING

from workers.settings import Settings

if TYPE_CHECKING:
    from tasks.extract.stage import Extractor
    from tasks.language.detector import Detector
    from tasks.topics.stage import Tagger


class StageTools:
    """Tools, made at first use. A stage names its tools as keyword-only parameters (tasks/stage.py)."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings

    @property
    def opt_outs(self) -> tuple[str, ...]:
        """Opt-outs for which a page is rejected."""
        return self.settings.reject_opt_outs

    @cached_property
    def extractor(self) -> "Extractor":
        """The extractor."""
        from tasks.extract.stage import Extractor

        return Extractor(min_chars=self.settings.min_chars)

    @cached_property
    def detector(self) -> "Detector":
        """The language detector, its models loaded."""
        from tasks.language.detector import Detector

        return Detector.load(self.settings.languages)

    @cached_property
    def tagger(self) -> "Tagger":
        """The topic tagger of NEWSMILL_TAGGER, its weights loaded."""
        from tasks.topics.taggers import load_tagger

        return load_tagger(self.settings.taxonomy, self.settings.tagger)
