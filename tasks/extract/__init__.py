"""Stage 2, extract: from a page to a title, a text and what the page says about itself.

`extract` is the stage, `Extractor` its settings, `warm` is called once before worker processes fork.
"""

from tasks.extract.page import warm
from tasks.extract.stage import Extractor, extract

__all__ = ["Extractor", "extract", "warm"]
