"""Which article owns a content, and which contents are the same."""

# ruff: noqa: RUF001 - typography and scripts as pages have them

from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasks.article import Article, Outcome, article_id
from tasks.dedupe import MemoryContentIndex, content_id, dedupe, normalise

TEXT = "The council voted on Monday, 3 to 2."


def article(name: str, text: str | None = TEXT) -> Article:
    url = f"https://{name}.example/"
    return Article(id=article_id(url), url=url, text=text)


def test_the_first_article_owns_its_content() -> None:
    first = dedupe(article("first"), contents=MemoryContentIndex())
    assert first == article("first").evolve(content_id=content_id(TEXT))


def test_a_later_one_is_its_duplicate() -> None:
    contents = MemoryContentIndex()
    dedupe(article("first"), contents=contents)
    later = dedupe(article("later", TEXT.upper()), contents=contents)
    assert later.duplicate_of == "https://first.example/"
    assert later.outcome is Outcome.DUPLICATE
    assert later.near_duplicate_of is None


def test_a_redelivery_gets_the_answer_it_got_before() -> None:
    contents = MemoryContentIndex()
    answers = [dedupe(article(name), contents=contents) for name in ("first", "later", "first", "later")]
    assert answers[:2] == answers[2:]


def test_another_content_has_another_owner() -> None:
    contents = MemoryContentIndex()
    dedupe(article("first"), contents=contents)
    assert dedupe(article("later", "Another story."), contents=contents).outcome is None


def test_of_many_at_once_one_owns_the_content() -> None:
    contents = MemoryContentIndex()
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda number: dedupe(article(f"a{number}"), contents=contents), range(64)))
    owners = [answer for answer in answers if answer.duplicate_of is None]
    assert len(owners) == 1
    assert {answer.duplicate_of for answer in answers} == {None, owners[0].url}


def test_the_index_keeps_no_texts() -> None:
    contents = MemoryContentIndex()
    dedupe(article("first"), contents=contents)
    assert all(owner.text is None for owner in contents._owners.values())


@pytest.mark.parametrize(
    ("text", "same"),
    [
        ("  The\u00a0COUNCIL — “voted”.\n", "the council voted"),
        ("ﬁrst １２ Straße", "first 12 strasse"),
        ("snake_case don't", "snake case don t"),
        ("On 3 May: 1,204", "on 3 may 1 204"),
        ("\u0130stanbul", "i\u0307stanbul"),
        ("", ""),
        ("?!", ""),
    ],
)
def test_a_text_is_reduced_to_its_words(text: str, same: str) -> None:
    assert normalise(text) == normalise(same)


def test_digits_tell_texts_apart() -> None:
    assert content_id("Balance: 1,204") != content_id("Balance: 1,205")


def test_a_content_id_is_16_bytes_in_hex() -> None:
    assert len(bytes.fromhex(content_id(TEXT))) == 16


@given(st.text())
def test_normalising_twice_changes_nothing(text: str) -> None:
    assert normalise(normalise(text)) == normalise(text)
