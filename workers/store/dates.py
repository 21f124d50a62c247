"""When an article was published, in SQL: what a page says of it is a text of any kind, and must not fail a query.

The view `reading` and the index on days (migrations/0003_reading) are made of the same expressions.
"""

from datetime import date, datetime
from typing import Any

from sqlalchemy import Date, DateTime
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement

#: Every day from year 1 on: of months with 31 days, with 30, of February, and its 29th.
_REAL_DAY = (
    "^(?!0000)([0-9]{4}-((0[13578]|1[02])-(0[1-9]|[12][0-9]|3[01])|(0[469]|11)-(0[1-9]|[12][0-9]|30)"
    "|02-(0[1-9]|1[0-9]|2[0-8]))|([0-9]{2}(0[48]|[2468][048]|[13579][26])|([02468][048]|[13579][26])00)-02-29)$"
)
#: Seconds since the epoch from year 1 to 9999.
_TIMES = "BETWEEN -62135596800 AND 253402300799"


class real_day(FunctionElement[date]):  # noqa: N801 - a function of SQL
    """The day in `date` of a record; null where there is no such day."""

    type = Date()
    inherit_cache = True


class published(FunctionElement[datetime]):  # noqa: N801
    """When the article of a record was published: the time where it is known, else the beginning of the day, in UTC."""

    type = DateTime(timezone=True)
    inherit_cache = True


@compiles(real_day, "sqlite")
def _real_day_sqlite(element: real_day, compiler: Any, **_: Any) -> str:
    return _day_sqlite(compiler.process(element.clauses))


@compiles(real_day, "postgresql")
def _real_day_postgresql(element: real_day, compiler: Any, **_: Any) -> str:
    return _day_postgresql(compiler.process(element.clauses))


@compiles(published, "sqlite")
def _published_sqlite(element: published, compiler: Any, **_: Any) -> str:
    record = compiler.process(element.clauses)
    seconds = f"json_extract({record}, '$.published')"
    is_time = f"json_type({record}, '$.published') IN ('integer', 'real') AND {seconds} {_TIMES}"
    # To the microsecond, as SQLAlchemy writes the times that it is compared with.
    return (
        f"coalesce(CASE WHEN {is_time} THEN datetime({seconds}, 'unixepoch') || '.000000' END,"
        f" {_day_sqlite(record)} || ' 00:00:00.000000')"
    )


@compiles(published, "postgresql")
def _published_postgresql(element: published, compiler: Any, **_: Any) -> str:
    record = compiler.process(element.clauses)
    is_number = f"jsonb_typeof({record} -> 'published') = 'number'"
    seconds = f"({record} ->> 'published')::numeric"
    time = f"CASE WHEN {seconds} {_TIMES} THEN to_timestamp({seconds}::float8) END"
    day = f"({_day_postgresql(record)})::timestamp AT TIME ZONE 'UTC'"
    return f"coalesce(CASE WHEN {is_number} THEN {time} END, {day})"


def _day_sqlite(record: str) -> str:
    text = f"json_extract({record}, '$.date')"
    # Adding days, none here, makes 2 March of 30 February. date() takes "now", too, which no index may have: hence the
    # pattern before it.
    return (
        f"CASE WHEN {text} GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]'"
        f" THEN CASE WHEN {text} >= '0001' AND date({text}, '+0 days') = {text} THEN {text} END END"
    )


def _day_postgresql(record: str) -> str:
    text = f"({record} ->> 'date')"
    # Not a cast to date, which depends on DateStyle, so that no index may have it.
    parts = ", ".join(f"substr({text}, {begin}, {size})::integer" for begin, size in ((1, 4), (6, 2), (9, 2)))
    return f"CASE WHEN {text} ~ '{_REAL_DAY}' THEN make_date({parts}) END"
