"""What the language stage uses of langdetect that it does not promise to keep.

For langdetect 1.0 (pyproject.toml: below 1.1).

- The files in `PROFILES_DIRECTORY` are named after their languages. `get_lang_list` is public, but needs the profiles
  loaded. Figure: that takes 0.3 s and 66 MB, which is saved where langdetect is never used.
- A `DetectorFactory` with profiles and a seed of its own, instead of `langdetect.detect`, which shares one factory for all
  threads while the first call still fills it. With the seed the same text always gets the same n-grams, and so the same
  answer.

What breaks: loading fails if a name is gone. If the files get other names, the stage assumes other languages. If the seed is
ignored, answers differ from call to call.

Canary: the tests of langdetect in tests/unit/test_language.py.
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
