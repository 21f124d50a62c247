"""newsmill's five stages as plain calls in one process: what a page costs before anything is around them.

    python -m benchmarks.bench.stages port pages

Reads a line from standard input, the round and from which page to which, takes those from the server on `port` through
all stages, and answers with the seconds of CPU.
"""

import sys
import time
from dataclasses import replace
from pathlib import Path

from benchmarks.mill import addresses, settings_for
from tasks.article import Article, article_id
from tasks.dedupe.stage import MemoryContentIndex
from tasks.errors import Ending
from tasks.pipeline import STAGES, bind
from workers.local.try_documents import MemoryTools


def main() -> None:
    """Serve the loop."""
    port, pages = map(int, sys.argv[1:])
    tools = MemoryTools.load(settings_for("redis://", Path(), port))
    tools.detector.warm()
    run(tools, addresses(port, range(min(pages, 5)), "warm"))  # what is loaded at first use is no page's
    for line in sys.stdin:
        number, first, after = map(int, line.split())
        before = time.process_time()
        run(tools, addresses(port, range(first, after), f"round{number}"))
        print(time.process_time() - before, flush=True)


def run(tools: MemoryTools, urls: list[str]) -> None:
    """Take the pages through all stages; none has been seen before."""
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
