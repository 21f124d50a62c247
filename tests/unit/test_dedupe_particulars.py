"""Stories of one frame are told apart by their names and numbers; copies keep them."""

# ruff: noqa: RUF001 - scripts as pages have them

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasks.dedupe.minhash import NEAR, signature, similar
from tasks.dedupe.particulars import MOST, NAMES, NUMBERS, TOGETHER, are_other_stories, particulars

FORECAST = (
    "Weather for {0}\nIn {0} it will be sunny, with a high of {1} degrees and a low of {2} degrees. Winds blow at {3} km/h, and the "
    "chance of rain in {0} is {4} percent. Forecasts are made twice a day from the readings of the regional network, and are checked by "
    "our duty meteorologist before they are published. Farmers and gardeners can ask for warnings of frost by text message, free "
    "of charge."
)
BIRTHDAYS = (
    "Congratulations\nToday we congratulate {0} of the rowing club. As her friends say, {0} is the first in the boat and the last at the "
    "bar, and has taught children to row for many years. The club gives a reception for {0} in the boat house after the morning's "
    "race. All readers who have rowed with {0} are welcome. Birthdays of members are printed here each week, if they wish so; please "
    "send a line to the editors in good time."
)


def found(a: str, b: str) -> bool:
    return similar(signature(a), signature(b)) >= NEAR


def of(numbers: str) -> bytes:
    return particulars(numbers)


def test_forecasts_of_two_towns_are_two_stories() -> None:
    one, other = (
        FORECAST.format(*values) for values in (("Dunholt", 21, 9, 15, 40), ("Marlow", 30, 17, 8, 75))
    )
    assert not found(one, other)
    assert found(one, f"{one} Tomorrow more.")


def test_names_alone_are_enough() -> None:
    one, other = BIRTHDAYS.format("Ellen Foss"), BIRTHDAYS.format("Dana Ruiz")
    assert not found(one, other)
    assert found(one, one.replace("Today we", "This morning we all"))


def test_a_new_lead_changes_nothing() -> None:
    story = FORECAST.format("Dunholt", 21, 9, 15, 40)
    assert found(
        story, "A summer's day\nCloudless skies are ahead, say 3 experts of Bay Weather." + story[20:]
    )


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("48,000 and 7.5 and 1961", "48 000 and 7,5 and 1961"),
        ("at 7.40 with 2,300 on 12", "at 7:40 with 2300 on 12"),
        ("3.50 and 12.5 and 9.75", "3. 50 and 12. 5 and 9. 75"),
        ("二十三日、一百八十四米、一九八七年", "23日、184米、1987年"),
        ("１２ and ٤٥ and 678", "12 and 45 and 678"),
    ],
)
def test_a_number_is_the_same_however_it_is_written(one: str, other: str) -> None:
    assert particulars(one) == particulars(other)
    assert len(particulars(one)) == 2 * 3


def test_a_currency_may_stand_before_a_number() -> None:
    assert particulars("at Rp16.500, KSh1,200 and N5,000") == particulars("at 16.500, 1,200 and 5,000")
    assert particulars("the M25 and the U21") == particulars("the 25 and the 21")


def test_digits_of_a_key_are_no_number() -> None:
    assert particulars("a31 and word12345") == b""


def test_a_title_says_nothing_of_names_and_german_nouns_are_none() -> None:
    assert particulars("Council Votes To Rebuild Old Pier\nthe council voted to rebuild it.") == b""
    assert (
        particulars("Der Rat der Stadt hat den Bau und die Kosten und das Geld für den Kai beschlossen.")
        == b""
    )
    german = (
        "Der Rat der Stadt hat den Bau und die Kosten gebilligt, sagte Petra Vogt. Vogt leitet die Behörde."
    )
    assert len(particulars(german)) == 2 * 3


def test_places_and_persons_have_marks_where_there_are_no_capitals() -> None:
    assert len(particulars("在青溪市和柳河镇")) == 2 * 2
    assert len(particulars("平野さんは緑野町のソースを見た")) == 2 * 3


def test_a_subject_that_is_named_often_counts_as_often() -> None:
    assert len(particulars("we saw Vogt, then Vogt, then Vogt and Vogt")) == 2 * 4


def test_too_few_say_nothing() -> None:
    few, others = (" and ".join(str(low + at) for at in range(NUMBERS - 1)) for low in (100, 200))
    assert not are_other_stories(of(few), of(others), 1)
    few, others = (" and ".join([name] * (NAMES - 1)) for name in ("of Vogt", "of Foss"))
    assert not are_other_stories(of(few), of(others), 1)
    assert not are_other_stories(b"", of("100 and 200 and 300 and 400"), 1)


def test_too_few_numbers_and_too_few_names_are_taken_together() -> None:
    one, other, third = (of(f"of {names}, 10 and 11") for names in ("Vogt, Vogt", "Foss, Foss", "Foss"))
    assert not are_other_stories(one, other, 1)  # the numbers are the same: half of them
    other, third = (of(f"of {names}, 12 and 13") for names in ("Foss, Foss", "Foss"))
    assert TOGETHER == 4
    assert are_other_stories(one, other, 1)
    assert not are_other_stories(one, third, 1)
    enough = "100 and 200 and 300"
    assert not are_other_stories(of(f"of Vogt, {enough}"), of(f"of Foss, {enough}"), 1)


def test_the_share_in_common_is_compared_with_that_of_the_words() -> None:
    one, other = "101 and 102 and 103 and 104 and 105", "101 and 102 and 203 and 204 and 205"
    assert are_other_stories(of(one), of(other), 0.9)
    assert not are_other_stories(of(one), of(other), 0.7)


def test_of_a_long_text_a_sample_is_compared() -> None:
    whole = " and ".join(str(number) for number in range(1000, 1200))
    half = " and ".join(str(number) for number in range(1000, 1100))
    others = " and ".join(str(number) for number in range(3000, 3200))
    assert len(of(whole)) == 2 * MOST
    assert not are_other_stories(of(whole), of(half), 1)
    assert are_other_stories(of(whole), of(others), 1)


@given(st.text(), st.text())
def test_any_text_has_them(one: str, other: str) -> None:
    a, b = particulars(one), particulars(other)
    assert a == b"".join(sorted(a[at : at + 2] for at in range(0, len(a), 2)))
    assert len(a) <= 2 * MOST
    assert not are_other_stories(a, a, 1)
    assert are_other_stories(a, b, 0.8) == are_other_stories(b, a, 0.8)


@pytest.mark.parametrize("unit", ["1.", "1 ", "1 000", "A ", "Ab ", "Ab\n", "二", "ア", "1. 1", "ſA", "市"])
def test_none_takes_long(unit: str) -> None:
    begin = time.process_time()
    particulars(unit * (65_536 // len(unit)))
    assert time.process_time() - begin < 0.5
