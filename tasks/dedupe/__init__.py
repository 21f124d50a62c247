"""Stage 4, dedupe: which articles have the same content, or nearly so."""

from tasks.stage import Stage

STAGE = Stage(
    name="dedupe",
    run="tasks.dedupe.stage:dedupe",
    queue="enrich",
    adds=("content_id", "duplicate_of", "near_duplicate_of", "near_score", "deduper"),
    notes=("deduper",),
)
