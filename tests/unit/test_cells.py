"""Cells that a spreadsheet would run."""

from typing import Any

import pytest

from workers.sinks.cells import safe


@pytest.mark.parametrize(
    "text",
    [
        *("=1+1", "+1", "-1", "@SUM(A1)", '=HYPERLINK("http://evil.test","x")', "=cmd|' /C calc'!A0"),
        *("\t=1", "\r=1", "\n=1", "\ttext", "\rtext", "\ntext", "\0=1", "\0"),
        *(" =1", "\u00a0=1", "\u3000@x", "\ufeff=1", "\u200b=1", "  \t +1", "\x1f-1", "\x85=1", "\u2028=1"),
        *("\uff1d1", "\uff0b1", "\uff0d1", "\uff201", " \uff1d1"),
    ],
)  # fmt: skip
def test_a_text_that_a_spreadsheet_would_run_gets_an_apostrophe(text: str) -> None:
    assert safe(text) == f"'{text}"


@pytest.mark.parametrize(
    "value",
    [
        *("", " ", "Rain", "1+1=2", "a=b", "'=1", '"=1', "a\t=1", "—dash", "\u2212 5 degrees", "…", "#tag", "(-1)"),
        *('["=1"]', '{"=1": 2}', "http://a.test/?a=-1", "2025-04-16T12:00:00Z"),
        *(None, 0, -1, -0.5, 1e-9, True),
    ],
)  # fmt: skip
def test_anything_else_stays_as_it_is_and_numbers_stay_numbers(value: Any) -> None:
    assert safe(value) is value


def test_a_long_run_of_spaces_is_passed_over_once() -> None:
    text = " " * 10_000_000 + "x"  # 0.1 s; a second pass for each space would take days
    assert safe(text) is text
