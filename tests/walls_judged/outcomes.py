"""How the judged pages end, and the figures: `python -m tests.walls_judged.outcomes`."""

import sys
from collections import Counter

from tasks.article import Article
from tasks.errors import Rejected
from tasks.extract.stage import Extractor, extract
from tasks.walls.answers import refusal_of
from tests.walls_judged import Judged, judged

NAMED = ("blocked", "soft_404", "needs_javascript")


def outcome_of(page: Judged) -> tuple[str, str]:
    """Return how the extract stage ends `page`, whatever its status: `article` or a reason; and the text or the detail."""
    article = Article(id="0a", url=page.url, content_type="text/html", html=page.html.encode())
    try:
        return "article", extract(article, extractor=Extractor()).text or ""
    except Rejected as rejected:
        return str(rejected.reason), rejected.detail


def refused_by_name(page: Judged) -> bool:
    """Return whether the fetch stage names the vendor of `page`, a refusal by its status."""
    return refusal_of({"content-type": "text/html"}, page.html.encode()) is not None


def say(line: str) -> None:
    """Print `line`."""
    sys.stdout.write(f"{line}\n")


def main() -> int:
    """Print every page that ends wrongly, and precision and recall by kind. Returns 1 if an article is lost."""
    non_pages = judged("non_pages") + judged("shells")
    right, named, total, kept_out = Counter[str](), Counter[str](), Counter[str](), 0
    for page in non_pages:
        found, detail = outcome_of(page)
        total[page.expected] += 1
        right[page.expected] += found == page.expected
        named[page.expected] += found in NAMED
        kept_out += found != "article"
        if found != page.expected:
            say(f"{page.expected} -> {found}: {page.name}\n    {detail[:200]!r}")
        if page.status != 200 and not refused_by_name(page):
            say(f"not named at status {page.status}: {page.name}")
    articles = judged("articles")
    lost = [(page, *outcome_of(page)) for page in articles]
    lost = [each for each in lost if each[1] != "article"]
    for page, found, detail in lost:
        say(f"LOST as {found}: {page.name}\n    {detail[:200]!r}")
    by_name = sum(found in NAMED for _, found, _ in lost)
    hits = named.total()
    say(
        f"precision {hits / (hits + by_name):.2f}: {by_name} of {len(articles)} articles taken; lost for any reason: {len(lost)}"
    )
    say(
        f"recall {hits / total.total():.2f} ({hits} of {total.total()}), as its own kind {right.total()}; no article: {kept_out}"
    )
    for kind in total:
        say(f"  {kind}: named {named[kind]}, as its own kind {right[kind]}, of {total[kind]}")
    return bool(lost)


if __name__ == "__main__":
    sys.exit(main())
