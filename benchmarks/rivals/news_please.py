"""news-please's extraction of pages that are already there.

    .venv/rivals/bin/python -m benchmarks.rivals.news_please folder

In some languages it would load NLTK's data from the network; its work on a page ends there. See page_loop.py for the
protocol.
"""

from contextlib import suppress
from pathlib import Path

from newsplease import NewsPlease

from benchmarks.rivals.page_loop import serve


def process(files: list[Path]) -> None:
    """Process the pages in these files."""
    for file in files:
        with suppress(LookupError):
            NewsPlease.from_html(
                file.read_bytes(), url=f"https://example.com/{file.stem}", fetch_images=False
            )


if __name__ == "__main__":
    serve(process)
