"""Stage 2, extract: from a page to a title, a text and what the page says about itself."""

from tasks.stage import Stage

STAGE = Stage(
    name="extract",
    run="tasks.extract.stage:extract",
    queue="enrich",
    load="tasks.extract.page:warm",
    adds=(
        *("title", "author", "date", "site", "description", "image", "categories", "tags", "page_type"),
        *("license", "text"),
    ),
    notes=("extractor",),
)
