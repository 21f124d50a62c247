"""The topic stage: what an article is about, in IPTC Media Topics or in a taxonomy of your own.

`tag_topics` is the stage; it takes any `Tagger`. `load_tagger` returns one that comes with the project: probes
on a sentence encoder choose among the 17 top-level topics and among the concepts below, and a gazetteer finds
those that the text names (tagger.py); with a taxonomy of your own its descriptions are compared (custom.py).
"""

from pathlib import Path

from tasks.topics.stage import Tagger, tag_topics
from tasks.topics.taxonomy import TaxonomyError

__all__ = ["Tagger", "TaxonomyError", "load_tagger", "tag_topics"]


def load_tagger(taxonomy: Path | None = None) -> Tagger:
    """Return the tagger for IPTC Media Topics, or for the taxonomy in a YAML file.

    A second and 130 MB, best spent before a worker forks. `TaxonomyError` where the file is not a taxonomy.
    """
    # numpy and the encoder are loaded where topics are tagged: most processes and commands do without.
    if taxonomy is None:
        from tasks.topics import tagger  # noqa: PLC0415

        return tagger.load()
    from tasks.topics import custom  # noqa: PLC0415

    return custom.load(taxonomy)
