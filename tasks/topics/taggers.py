"""The available taggers, by the names that `NEWSMILL_TAGGER` takes."""

from collections.abc import Callable, Mapping
from pathlib import Path

from tasks.stage import call
from tasks.topics.stage import Tagger

#: Returns a tagger with its model loaded. The argument is the YAML file of `NEWSMILL_TAXONOMY`, or None.
Loader = Callable[[Path | None], Tagger]

#: Each is a `Loader`, or `module:function` for one that is imported when it is chosen: numpy and the encoder take 40 MB.
TAGGERS: Mapping[str, Loader | str] = {
    "encoder": "tasks.topics.taggers:load_encoder",
}


def load_tagger(taxonomy: Path | None = None, name: str = "encoder") -> Tagger:
    """Return the tagger called `name`, with its model loaded; KeyError for an unknown name.

    TaxonomyError if `taxonomy` is not a valid file. Loading the encoder takes a second and 130 MB, so do it before a worker
    forks.
    """
    tagger: Tagger = call(TAGGERS[name], None, taxonomy)
    return tagger


def load_encoder(taxonomy: Path | None) -> Tagger:
    """Return newsmill's own tagger: classifiers on a sentence encoder, and a gazetteer.

    It knows the 17 top-level IPTC Media Topics and the concepts below them (tagger.py). With `taxonomy` it compares texts
    with the descriptions in that file (custom.py).
    """
    # Imported here, since most processes and commands need neither numpy nor the encoder.
    if taxonomy is None:
        from tasks.topics import tagger  # noqa: PLC0415

        return tagger.load()
    from tasks.topics import custom  # noqa: PLC0415

    return custom.load(taxonomy)
