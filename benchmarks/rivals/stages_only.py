"""newsmill's stages as plain function calls in one process, without Celery, Redis and SQL.

    python -m benchmarks.rivals.stages_only port pages

Processes pages of the page server on `port`, by the protocol of page_loop.py.
"""

import sys
import time
from dataclasses import replace
from pathlib import Path

from benchmarks.system.page_server import page_urls
from benchmarks.system.running_system import settings_for
from tasks.article import Article, article_id
from tasks.dedupe.stage import MemoryContentIndex
from tasks.errors import Ending
from tasks.pipeline import STAGES, bind
from workers.local.try_documents import MemoryTools


def main() -> None:
    """Read lines, and answer them."""
    port, pages = map(int, sys.argv[1:])
    tools = MemoryTools.load(settings_for("redis://", Path(), port))
    tools.detector.warm()
    run(
        tools, page_urls(port, range(min(pages, 5)), "warm")
    )  # what is loaded at first use is no cost of a page
    for line in sys.stdin:
        number, first, after = map(int, line.split())
        before = time.process_time()
        run(tools, page_urls(port, range(first, after), f"round{number}"))
        print(time.process_time() - before, flush=True)


def run(tools: MemoryTools, urls: list[str]) -> None:
    """Run all stages on each page, with an empty content index."""
    steps = bind(replace(tools, contents=MemoryContentIndex()))
    for url in urls:
        article = Article(id=article_id(url), url=url)
        try:
            for stage in STAGES:
                article = steps[stage.name](article)
                if article.outcome:
                    break
        except Ending:
            continue


if __name__ == "__main__":
    main()
