"""Lines in which a site speaks of itself go, sentences about such things stay (tasks/extract/reader/house_lines.py)."""

# ruff: noqa: RUF001 - apostrophes

import pytest

from tasks.extract.reader.house_lines import without_house_lines


@pytest.mark.parametrize(
    "line",
    [
        "Sign up for our free weekly newsletter and get the best stories straight to your inbox.",
        "Subscribe to The Courier’s newsletter.",
        "When you purchase through links on our site, we may earn an affiliate commission.",
        "Inscrivez-vous à notre newsletter pour recevoir les titres du jour.",
        "Melden Sie sich für unseren Newsletter an und verpassen Sie nichts mehr.",
        "Suscríbete a nuestro boletín para no perderte nada.",
        "Подпишитесь на нашу рассылку.",
    ],
)
def test_the_site_about_itself(line: str) -> None:
    assert without_house_lines(f"Before.\n{line}\nAfter.") == "Before.\nAfter."


@pytest.mark.parametrize(
    "line",
    [
        "The mayor said that the council would send a newsletter to every house in the valley.",
        "Subscribe, she said to the crowd, was the word of the year.",
        "Agents may earn a commission of two per cent on each house.",
        "The commission may earn trust if it works in the open.",
    ],
)
def test_a_sentence_of_the_story_stays(line: str) -> None:
    assert without_house_lines(f"Before.\n{line}\nAfter.") == f"Before.\n{line}\nAfter."
