"""Telling a page of headlines from an article: what is nearly all links is a front page."""

from lxml.html import HtmlElement

#: Share of a short text's characters in lines that are nothing but a link. Front pages come out at .78 and more;
#: of the articles under 1,000 characters among 181 news pages none has more than .06.
MOST_LINKED = 0.5


def link_share(text: str, tree: HtmlElement) -> float:
    """Return the share of the characters of `text` that stand in lines which are links of `tree`, 0 to 1."""
    links = {_folded(link.text_content()) for link in tree.iter("a")} - {""}
    lines = [_folded(line) for line in text.splitlines()]
    total = sum(map(len, lines))
    return sum(len(line) for line in lines if line in links) / total if total else 0.0


def _folded(line: str) -> str:
    return " ".join(line.split()).lstrip("-• ")
