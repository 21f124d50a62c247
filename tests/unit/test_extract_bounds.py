"""What is cut, removed or put elsewhere in a page before expressions see it."""

import pytest
from lxml.html import HtmlElement, document_fromstring

from tasks.errors import Rejected
from tasks.extract.nesting import MAX_DEPTH, MAX_NESTING, check_nesting, flatten
from tasks.extract.page import read_page
from tasks.extract.values import (
    LONGEST_VALUE,
    MAX_METAS,
    MAX_SCRIPTS,
    bound_numbers,
    bound_values,
    may_have_long_values,
)

STORY = "".join(
    f"<p>Sentence {number}: the council of the small town met on Tuesday, and went home.</p>"
    for number in range(9)
)


def deepest(tree: HtmlElement) -> int:
    return max(sum(1 for _ in one.iterancestors()) for one in tree.iter())


def test_what_is_too_deep_comes_after_what_it_was_in_in_the_same_order() -> None:
    body = "".join(f"<div>a{number}" for number in range(200)) + "".join(
        f"<b>b{number}</b></div>c{number}" for number in range(200)
    )
    tree = document_fromstring(body)
    text = tree.text_content()
    flatten(tree, len(body))
    assert deepest(tree) == MAX_DEPTH
    assert tree.text_content() == text
    assert len(list(tree.iter("div"))) == 200


def test_a_tree_that_is_not_too_deep_stays_as_it_is() -> None:
    tree = document_fromstring("<div>x" * 90 + "<b>y</b>z")
    flatten(tree, 1000)
    assert deepest(tree) > 90


def test_the_longer_a_page_the_less_deep_it_may_be() -> None:
    tree = document_fromstring("<div>x" * 90)
    flatten(tree, 3_000_000)
    assert deepest(tree) == 12


def test_a_story_after_900_open_lists_is_read() -> None:
    assert (
        "Sentence 8"
        in read_page(
            f"<html><body>{'<ul><li>x' * 900}{'</ul>' * 900}<article>{STORY}</article>", "http://a.test/"
        ).text
    )


def test_many_elements_that_are_deep_on_average_are_too_many() -> None:
    number = MAX_NESTING // 49
    tree = document_fromstring("<div>" * 50 + "<b>x</b>" * number)
    with pytest.raises(Rejected, match="levels of all elements, the maximum is 300,000"):
        check_nesting(tree)
    check_nesting(document_fromstring("<b>x</b>" * number))


def test_long_attributes_are_removed_and_long_contents_of_metas_cut() -> None:
    long = "x" * (LONGEST_VALUE + 1)
    tree = document_fromstring(
        f"<meta name=author content={long}><img src={long} alt=a><div id=d class={long} data-preloaded={long}>x</div>"
    )
    bound_values(tree)
    assert [dict(one.attrib) for one in tree.iter("meta", "img", "div")] == [
        {"name": "author", "content": long[:-1]},
        {"alt": "a"},
        {"id": "d", "data-preloaded": long},
    ]


@pytest.mark.parametrize(
    ("markup", "may"),
    [
        ("<p class=a>b</p>" * 100, False),
        ("<p class=" + "a" * (LONGEST_VALUE + 1), True),
        ("<p>a" * 30_000, True),
        ("<p class='a'>it's \"b\"" * 30_000, False),
        ("<p>" * 30_000 + "<p a='" + "<" * (LONGEST_VALUE + 1) + "'>", True),
        ("<p>" * 30_000 + '<p a = "' + ">'" * LONGEST_VALUE + '">', True),
    ],
)
def test_only_pages_with_something_long_are_searched_for_long_attributes(markup: str, may: bool) -> None:
    assert may_have_long_values(markup) is may


def test_metas_and_scripts_beyond_the_bound_are_removed() -> None:
    tree = document_fromstring(
        "<meta name=a content=b>" * (MAX_METAS + 9) + "<script>1</script>" * (MAX_SCRIPTS + 9) + "<p>x"
    )
    bound_numbers(tree)
    assert [len(list(tree.iter(tag))) for tag in ("meta", "script")] == [MAX_METAS, MAX_SCRIPTS]
