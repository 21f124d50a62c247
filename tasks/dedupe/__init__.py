"""Stage 4, dedupe: exact and near-duplicates."""

from tasks.stage import Stage

STAGE = Stage(
    name="dedupe",
    run="tasks.dedupe.stage:dedupe",
    queue="enrich",
    adds=("content_id", "duplicate_of", "near_duplicate_of", "near_score", "repeated_paragraphs", "deduper"),
    notes=("deduper",),
)
