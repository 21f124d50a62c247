"""What the language stage uses of langdetect that it does not promise to keep.

langdetect 1.0 (pyproject.toml: below 1.1).

- The files in `PROFILES_DIRECTORY` are named after their languages. `get_lang_list` is public, but needs the profiles
  loaded: 0.3 s and 66 MB, which processes that never ask langdetect save.
- A `DetectorFactory` of our own, with its own profiles and seed, instead of `langdetect.detect`. That shares one factory,
  which the first call fills and which other threads use half-filled: of 24 calls in 8 threads, 3 were right. The seed
  makes it sample the same n-grams of the same text each time.
- What breaks: loading fails if a name is gone; if files get other names, the stage takes langdetect for one that knows
  other languages; if the seed is ignored, the same text gets different answers.
- Canary: test_language.py, `test_the_files_of_langdetect_are_named_after_its_languages` and
  `test_langdetect_uses_the_seed_of_its_factory`.
"""

from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any


def langdetect_languages() -> Iterator[str]:
    """Yield langdetect's own codes of the languages it knows; no profile is read."""
    from langdetect import PROFILES_DIRECTORY  # noqa: PLC0415 - loaded where it is used

    return (file.name for file in Path(PROFILES_DIRECTORY).iterdir())


@cache
def langdetect_factory() -> Any:
    """Return langdetect's factory of detectors, its profiles loaded."""
    from langdetect import PROFILES_DIRECTORY, DetectorFactory  # noqa: PLC0415 - loaded where it is used

    factory = DetectorFactory()
    factory.load_profile(PROFILES_DIRECTORY)
    factory.set_seed(0)
    return factory
