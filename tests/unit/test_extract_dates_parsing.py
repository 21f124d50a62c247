"""Dates in a string: which day and time it tells, and when it tells none."""

# ruff: noqa: RUF001 - dates in several scripts

import unicodedata
from datetime import date

import pytest

from tasks.extract.dates.calendars import bikram_sambat, solar_hijri
from tasks.extract.dates.months import month_of
from tasks.extract.dates.parsing import Locale, parsed, stated_moment


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("2021-06-15", "2021-06-15"),
        ("2021-06-15T08:00:00+0000", "2021-06-15T08:00:00+00:00"),
        ("2021-06-15T08:00:00.123Z", "2021-06-15T08:00:00+00:00"),
        ("2021-06-15 08:00:00 +02:00", "2021-06-15T08:00:00+02:00"),
        ("20210615T080000Z", "2021-06-15T08:00:00+00:00"),
        ("2021-06-15T08:00", "2021-06-15T08:00"),
        ("Tue, 15 Jun 2021 08:00:00 +0200", "2021-06-15T08:00:00+02:00"),
        ("Tue Jun 15 08:00:00 CEST 2021", "2021-06-15T08:00:00+02:00"),
        ("Tue Jun 15 2021 08:00:00 GMT+0200 (CEST)", "2021-06-15T08:00:00+02:00"),
    ],
)
def test_forms_of_machines(text: str, value: str) -> None:
    found = parsed(text, Locale())

    assert found is not None
    assert found.value == value


@pytest.mark.parametrize(
    ("language", "text", "value"),
    [
        ("en", "Feb. 29, 2024, 10:40 p.m. ET", "2024-02-29T22:40"),
        ("en", "1st of March 2021", "2021-03-01"),
        ("en", "June 15, 2021 12:05 AM EDT", "2021-06-15T00:05-04:00"),
        ("es", "15 de junio de 2021", "2021-06-15"),
        ("fr", "Publié le 3 avril 2020 à 10h12", "2020-04-03T10:12"),
        ("de", "Harrowgate Bay, 22.07.2024 (16:26)", "2024-07-22T16:26"),
        ("ru", "10:40, 5 июня 2021", "2021-06-05T10:40"),
        ("tr", "15 HAZİRAN 2021 15:20", "2021-06-15T15:20"),
        ("tr", "20 KASIM 2021", "2021-11-20"),
        ("lv", "2021. gada 15. jūnijs, 10:15", "2021-06-15T10:15"),
        ("hu", "2021. június 15. 10:12", "2021-06-15T10:12"),
        ("lt", "2021 m. birželio 15 d. 10:11", "2021-06-15T10:11"),
        ("fi", "15. kesäkuuta 2021 klo 16.30", "2021-06-15T16:30"),
        ("et", "15. juuni 2021", "2021-06-15"),
        ("eu", "2021eko ekainaren 15a", "2021-06-15"),
        ("vi", "15 tháng 6, 2021", "2021-06-15"),
        ("zh", "2021年6月15日 下午3:05", "2021-06-15T15:05"),
        ("zh", "2021年06月15日08:30", "2021-06-15T08:30"),
        ("ja", "令和3年6月15日", "2021-06-15"),
        ("ja", "平成元年1月8日", "1989-01-08"),
        ("ja", "昭和64年1月7日", "1989-01-07"),
        ("ko", "2021년 6월 15일 오후 3:05", "2021-06-15T15:05"),
        ("th", "15 มิ.ย. 2564 09:10 น.", "2021-06-15T09:10"),
        ("th", "15/06/2564", "2021-06-15"),
        ("ar", "١٥ حزيران ٢٠٢١", "2021-06-15"),
        ("ar", "15 يونيو 2021", "2021-06-15"),
        ("ar", "15 جوان 2021", "2021-06-15"),
        ("hi", "१५ जून २०२१", "2021-06-15"),
        ("fa", "۱۲ مرداد ۱۴۰۳", "2024-08-02"),
        ("fa", "۱۴۰۳/۰۵/۱۲ - ۱۴:۲۰", "2024-08-02T14:20"),
        ("fa", "۱۵ ژوئن ۲۰۲۱", "2021-06-15"),
        ("ar", "5 تشرين الثاني 2021", "2021-11-05"),
        ("ar", "20 كانون الثاني/يناير 2022", "2022-01-20"),
        ("ne", "मंगलबार, १ असार २०७८, १०:३०", "2021-06-15T10:30"),
        ("ne", "फागुन २९, २०८०", "2024-03-12"),
        ("ne", "2080-11-29", "2024-03-12"),
        ("ne", "१५ जुन २०२१", "2021-06-15"),
        ("th", "15 มิ.ย. 64 เวลา 14:30 น.", "2021-06-15T14:30"),
        ("zh", "二〇二一年六月十五日", "2021-06-15"),
        ("zh", "二零二四年十二月三十一日", "2024-12-31"),
        ("ja", "令和五年十一月三日", "2023-11-03"),
        ("km", "ថ្ងៃទី១៥ ខែមិថុនា ឆ្នាំ២០២១", "2021-06-15"),
        ("af", "15 Junie 2021", "2021-06-15"),
        ("ko", "23.11.03 14:30", "2023-11-03T14:30"),
        ("sv", "3 oktober 2023, 14.05", "2023-10-03T14:05"),
        ("sv", "3 oktober 2023, 14.05 kr", "2023-10-03"),
        ("hi", "4 सितम्बर 2023", "2023-09-04"),
        ("hi", "4 सितंबर 2023", "2023-09-04"),
        ("eu", "2023ko irailak 4", "2023-09-04"),
        ("ga", "4 Meán Fómhair 2023", "2023-09-04"),
    ],
)
def test_forms_of_readers(language: str, text: str, value: str) -> None:
    found = parsed(text, Locale(language))

    assert found is not None
    assert found.value == value


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "May 2021"),
        ("en", "15 June"),
        ("en", "06/05/2021"),
        ("en", "Version 10.20.2021.3"),
        ("en", "31 February 2021"),
        ("", "15 listopada 2021"),
        ("ar", "15 رمضان 1442"),
        ("ne", "३३ साउन २०८१"),
        ("hi", "१२ सावन २०८१"),
        ("en", "06/05/21"),
        ("en", "1970-01-01T00:00:00Z"),
        ("zh", "十十年十月十日"),
        ("en", "no digits at all"),
    ],
)
def test_no_full_date_is_none(language: str, text: str) -> None:
    assert parsed(text, Locale(language)) is None


def test_day_and_month_of_numbers_are_read_as_the_page_has_them() -> None:
    assert [
        found and found.value
        for day_first in (True, False, None)
        for text in ("06/05/2021", "16/05/2021")
        for found in [parsed(text, Locale("en", day_first))]
    ] == ["2021-05-06", "2021-05-16", "2021-06-05", "2021-05-16", None, "2021-05-16"]


@pytest.mark.parametrize(
    ("day_first", "text", "value"),
    [
        (True, "03.11.23, 14:30 Uhr", "2023-11-03T14:30"),
        (True, "03/11/98", "1998-11-03"),
        (False, "11/03/23", "2023-11-03"),
        (False, "10.11.23", None),
        (True, "10.11.23.5", None),
    ],
)
def test_two_digits_of_a_year_count_where_the_order_is_known(
    day_first: bool, text: str, value: str | None
) -> None:
    found = parsed(text, Locale("en", day_first))
    assert (found and found.value) == value


def test_digits_of_all_scripts_are_read() -> None:
    digits = [chr(code) for code in range(0x80, 0x20000) if unicodedata.category(chr(code)) == "Nd"]
    zeros = [one for one in digits if unicodedata.decimal(one) == 0]
    assert len(zeros) > 60

    for zero in zeros:
        found = parsed(
            "".join(chr(ord(zero) + int(one)) if one.isdigit() else one for one in "2021-06-15"), Locale()
        )
        assert found is not None
        assert found.value == "2021-06-15"


@pytest.mark.parametrize("offset", ["+25:00", "-14:00", "+99:99"])
def test_an_offset_that_no_zone_has_is_left_out(offset: str) -> None:
    found = parsed(f"2021-06-15T08:00:00{offset}", Locale())

    assert found is not None
    assert found.value == "2021-06-15T08:00:00"


@pytest.mark.parametrize("value", [1623744000, 1623744000000, "1623744000", "1623744000000", 1623744000.5])
def test_seconds_and_milliseconds_count_in_data(value: object) -> None:
    found = stated_moment(value, Locale())

    assert found is not None
    assert found.value == "2021-06-15T08:00:00+00:00"


@pytest.mark.parametrize(
    "value",
    [
        None,
        True,
        [],
        {},
        12,
        0,
        float("nan"),
        float("inf"),
        10**30,
        10**400,
        -(10**400),
        "",
        "-",
        "99999999999999999999",
        "0000-00-00",
    ],
)
def test_other_values_are_none(value: object) -> None:
    assert stated_moment(value, Locale()) is None


def test_month_names_of_two_meanings_are_read_by_the_language() -> None:
    assert month_of("listopada", "hr") == ("gregorian", 10)
    assert month_of("listopada", "pl") == ("gregorian", 11)
    assert month_of("listopada", "en") is None


@pytest.mark.parametrize(
    ("solar", "day"),
    [
        ((1403, 12, 30), date(2025, 3, 20)),
        ((1404, 1, 1), date(2025, 3, 21)),
        ((1399, 12, 30), date(2021, 3, 20)),
        ((1357, 11, 22), date(1979, 2, 11)),
        ((1402, 12, 30), None),
        ((1500, 1, 1), None),
    ],
)
def test_days_of_the_solar_hijri_calendar(solar: tuple[int, int, int], day: date | None) -> None:
    assert solar_hijri(*solar) == day


@pytest.mark.parametrize(
    ("nepali", "day"),
    [
        ((2040, 1, 1), date(1983, 4, 14)),
        ((2072, 1, 12), date(2015, 4, 25)),
        ((2078, 3, 1), date(2021, 6, 15)),
        ((2080, 12, 30), date(2024, 4, 12)),
        ((2080, 12, 31), None),
        ((2081, 13, 1), None),
        ((2091, 1, 1), None),
    ],
)
def test_days_of_the_calendar_of_nepal(nepali: tuple[int, int, int], day: date | None) -> None:
    assert bikram_sambat(*nepali) == day
