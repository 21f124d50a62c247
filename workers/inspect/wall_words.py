"""What a host gives instead of pages, in words."""

from workers.ledger.walls import Wall
from workers.output.words import counted
from workers.times import iso_ms, span

_WORDS = {"blocked": "blocked", "soft_404": "soft 404", "needs_javascript": "needing JavaScript"}


def wall_words(wall: Wall, now: int) -> str:
    """Return a phrase about a host: since when it blocks, and its pages by kind; `now` in milliseconds since the epoch."""
    counts = ", ".join(
        f"{wall.pages[reason]:,} {word}" for reason, word in _WORDS.items() if reason in wall.pages
    )
    if wall.blocks_since is None:
        return f"{counts}; it does not block now"
    lasts = span(max(now - wall.blocks_since, 0) / 1000)
    row = counted(wall.in_a_row, "page")
    return f"blocks newsmill since {iso_ms(wall.blocks_since)} ({lasts}), {row} without an article between; {counts} in all"
