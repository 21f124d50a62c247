"""What replaces slow parts of trafilatura: the originals are those it was made for, and results are theirs."""

import re

import pytest

from tasks.extract.linear_compat import KEEPING, LARGE, REPLACED, linear

#: The beginnings of the originals, by module and name.
ORIGINALS = {
    ("trafilatura.utils", "IMAGE_EXTENSION"): r"[^\s]+\.(avif|bmp|gif|hei[cf]|jpe?g|png|webp)(\b|$)",
    ("trafilatura.xml", "_MATH_BLOCK_RE"): r"(?<!\S)\\\[(.+?)\\\]",
    ("trafilatura.xml", "_MATH_INLINE_RE"): r"\\\((.+?)\\\)",
}
EXPRESSIONS = {
    (module.__name__, name): (getattr(module, name), new)
    for module, name, new in REPLACED
    if isinstance(new, re.Pattern)
}
#: What the expressions are for, each with more around it.
ORDINARY = {
    "IMAGE_EXTENSION": "https://a.test/one.jpg?x=1 two.gif .png three.jpgx",
    "_HTML_MARKUP": "i<b and c>d <p class='x'>one</p><br/>",
    "_MATH_BLOCK_RE": "a \\[ x + y \\] b",
    "_MATH_INLINE_RE": "a \\( x \\) b \\( y \\)",
}


@pytest.mark.parametrize("place", ORIGINALS, ids=str)
def test_the_library_has_the_expression_that_is_replaced(place: tuple[str, str]) -> None:
    assert EXPRESSIONS[place][0].pattern == ORIGINALS[place]


@pytest.mark.parametrize("place", EXPRESSIONS, ids=str)
def test_on_ordinary_data_the_replacement_finds_the_same(place: tuple[str, str]) -> None:
    original, new = EXPRESSIONS[place]
    text = ORDINARY[place[1]]
    ends = [[match.end() for match in one.finditer(text)] for one in (original, new)]
    assert ends[0] == ends[1] != []
    assert original.flags == new.flags
    if original.groups == new.groups:
        assert original.findall(text) == new.findall(text) or place[1] in {"_HTML_MARKUP", "IMAGE_EXTENSION"}


def test_inside_of_linear_all_names_are_replaced_and_outside_they_are_the_libraries_own() -> None:
    before = [getattr(module, name) for module, name, _ in (*REPLACED, *KEEPING)]
    with linear("x"):
        assert all(getattr(module, name) is new for module, name, new in REPLACED)
        assert not any(getattr(module, name) is new for module, name, new in KEEPING)
    with linear("x" * (LARGE + 1)):
        assert all(getattr(module, name) is new for module, name, new in KEEPING)
    assert [getattr(module, name) for module, name, _ in (*REPLACED, *KEEPING)] == before


def test_what_keeps_texts_is_replaced_in_each_module_that_uses_it() -> None:
    users = {module.__name__.removeprefix("trafilatura.") for module, name, _ in KEEPING if name == "trim"}
    assert {"baseline", "htmlprocessing", "main_extractor", "utils"} <= users
