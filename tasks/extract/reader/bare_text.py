"""Text of a block that has blocks beside it, without a paragraph of its own: trafilatura leaves out what stands before them.

HTML calls it an anonymous block. Old pages have it everywhere, and so does a page whose `<p>` was closed too early.
"""

from lxml.html import HtmlElement

from tasks.extract.characters import latin_length
from tasks.extract.reader.prose import SENTENCE

#: Elements that hold blocks.
_HOLDERS = ("div", "section", "article", "main", "center", "body")
#: Blocks that may follow.
_BLOCK_TAGS = frozenset(
    "address article aside blockquote center div dl fieldset figure footer form h1 h2 h3 h4 h5 h6 header hr main nav ol "  # noqa: SIM905
    "p pre section table ul".split()
)
#: Least characters of a run that is looked at, in any script.
_LEAST_RUN = SENTENCE // 3
#: How a sentence ends, and the length from which text is prose without it: a dateline has some 60 Latin letters.
_ENDS, _LONG = (".", "!", "?", "…", "。", "！", "？", "।", "؟", ":"), 200  # noqa: RUF001
#: Share of the text that may be in links.
_MOST_LINKED = 0.3


def wrap_bare_text(tree: HtmlElement) -> None:
    """Put the text at the beginning of a block, as long as a sentence and with blocks behind it, into a paragraph."""
    for holder in list(tree.iter(*_HOLDERS)):
        if len(holder) and (len(holder.text or "") >= _LEAST_RUN or holder[0].tag not in _BLOCK_TAGS):
            first = next((index for index, child in enumerate(holder) if child.tag in _BLOCK_TAGS), None)
            if first is not None and _is_prose(holder, first) and not _goes_on(holder, first):
                paragraph = holder.makeelement("p")
                paragraph.text, holder.text = holder.text, None
                paragraph.extend(holder[:first])
                holder.insert(0, paragraph)


def _goes_on(holder: HtmlElement, first: int) -> bool:
    """Tell whether there is more text without a paragraph behind an empty block, which is the space between two lines then.

    trafilatura reads all such lines, but only what is in paragraphs as soon as one of them is.
    """
    behind = (child for child in holder[first:] if latin_length(child.tail or "") >= _LEAST_RUN)
    return any(child.tag in _BLOCK_TAGS and not child.text_content().strip() for child in behind)


def _is_prose(holder: HtmlElement, first: int) -> bool:
    inline = holder[:first]
    if len(holder.text or "") < _LEAST_RUN and all(len(child.tail or "") < _LEAST_RUN for child in inline):
        return False
    text = (holder.text or "") + "".join(child.text_content() + (child.tail or "") for child in inline)
    linked = sum(len(link.text_content()) for child in inline for link in child.iter("a"))
    text = " ".join(text.split())
    length = latin_length(text)
    ends = text.rstrip("\"'”’»)」』").endswith(_ENDS) or length >= _LONG  # noqa: RUF001
    return length >= SENTENCE and ends and linked <= _MOST_LINKED * len(text)
