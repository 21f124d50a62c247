"""Nouns with their numbers."""


def counted(number: int, noun: str, plural: str | None = None) -> str:
    """Return `1 URL`, `2 URLs`, `1,234 URLs`; `plural` is for nouns that take no s."""
    return f"{number:,} {noun if number == 1 else plural or noun + 's'}"
