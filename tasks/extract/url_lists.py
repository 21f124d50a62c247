"""Texts that are lists of URLs, and no articles."""

import re

#: What separates the cells of a line.
_CELL = re.compile(r"[\t,;|]")
_URL = re.compile(r"\"?[a-z][a-z0-9+.-]{0,20}://\S+", re.IGNORECASE)
#: A URL without its scheme: a host with a dot, and what follows it. A line of Chinese may be one word with a dot.
_HOST = re.compile(r"(?:[a-z0-9-]+\.)+[a-z]{2,}(?::\d{1,5})?(?:[/?#]\S*)?", re.IGNORECASE | re.ASCII)
#: A JSON object with a URL in it.
_OBJECT = re.compile(r"\{.*://")

#: A text is a list if so much of its lines have a URL, or half of them where URLs are also half of the characters: they
#: may stand between headlines. Of 305 articles the one with the most URLs, a shopping list, has them in .46 of its
#: lines, with .19 of its characters.
_MOST_LINES, _HALF = 2 / 3, 0.5


def is_url_list(text: str) -> bool:
    """Tell whether `text` is mostly URLs: a URL a line, alone or beside other columns; lines with # are comments."""
    lines = [line.strip() for line in text.splitlines()]
    lines = [line for line in lines if line and not line.startswith("#")]
    lengths = [length for length in map(_url_length, lines) if length]
    if len(lengths) >= len(lines) * _MOST_LINES:
        return bool(lengths)
    return len(lengths) >= len(lines) * _HALF and sum(lengths) >= sum(map(len, lines)) * _HALF


def _url_length(line: str) -> int:
    """Return the length of the URL that begins the line, or that one of its cells is; 0 if there is none."""
    found = _URL.match(line) or _HOST.fullmatch(line)
    if found:
        return len(found[0])
    if "://" not in line:
        return 0
    if _OBJECT.match(line):
        return len(line)
    cells = (_URL.fullmatch(cell.strip()) for cell in _CELL.split(line))
    return next((len(cell[0]) for cell in cells if cell), 0)
