"""Stage 5, tag topics: IPTC Media Topics, or topics of your own taxonomy."""

from tasks.stage import Stage

STAGE = Stage(
    name="tag_topics",
    run="tasks.topics.stage:tag_topics",
    queue="enrich",
    load="tasks.topics.stage:load",
    adds=("topics", "tagger_version", "taxonomy_release"),
    notes=("tagger", "taxonomy"),
)
