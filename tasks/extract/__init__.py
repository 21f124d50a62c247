"""Stage 2, extract: the text, the title and the metadata of a page."""

from tasks.stage import Stage

STAGE = Stage(
    name="extract",
    run="tasks.extract.stage:extract",
    queue="enrich",
    load="tasks.extract.page:warm",
    adds=(
        *("title", "author", "authors", "agency", "date", "published", "published_stated", "modified"),
        *("modified_stated", "site", "publisher", "section", "keywords", "declared_language"),
        *("description", "image", "categories", "tags", "page_type"),
        *("license", "canonical_link", "og_url", "amphtml", "saved_from", "text"),
    ),
    notes=("extractor",),
)
