"""The taggers there are, by the name that `NEWSMILL_TAGGER` gives one."""

from collections.abc import Callable, Mapping
from pathlib import Path

from tasks.stage import call
from tasks.topics.stage import Tagger

#: Makes a tagger; `taxonomy` is the YAML file of `NEWSMILL_TAXONOMY`, None for the tagger's own vocabulary.
Loader = Callable[[Path | None], Tagger]

#: Each a `Loader`, or `module:function` of one that is imported when it is chosen: numpy and the encoder take 40 MB.
TAGGERS: Mapping[str, Loader | str] = {
    "encoder": "tasks.topics.taggers:load_encoder",
}


def load_tagger(taxonomy: Path | None = None, name: str = "encoder") -> Tagger:
    """Return the tagger of that name, its model loaded; KeyError where there is none.

    The encoder takes a second and 130 MB, best spent before a worker forks. `TaxonomyError` where the file is not a
    taxonomy.
    """
    tagger: Tagger = call(TAGGERS[name], None, taxonomy)
    return tagger


def load_encoder(taxonomy: Path | None) -> Tagger:
    """Return the tagger that comes with the project: probes on a sentence encoder, and a gazetteer.

    It chooses among the 17 top-level IPTC Media Topics and the concepts below (tagger.py); with a taxonomy of your own
    it compares that one's descriptions (custom.py).
    """
    # numpy and the encoder are loaded where topics are tagged: most processes and commands do without.
    if taxonomy is None:
        from tasks.topics import tagger  # noqa: PLC0415

        return tagger.load()
    from tasks.topics import custom  # noqa: PLC0415

    return custom.load(taxonomy)
