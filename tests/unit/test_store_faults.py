"""Whose trouble a database's error is: every row of both tables, and what has no code."""

import sqlite3
from contextlib import closing
from pathlib import Path

import psycopg
import pytest
from sqlalchemy.exc import (
    DataError,
    DBAPIError,
    IntegrityError,
    InterfaceError,
    OperationalError,
    ProgrammingError,
)

from workers.store.faults import SQLITE_CODES, SQLSTATES, Fault, fault_of, is_disk_full

#: States of each row of the table, as PostgreSQL gives them.
STATES = [
    ("08000", Fault.OUTAGE),  # connection exception
    ("08006", Fault.OUTAGE),  # connection failure
    ("22001", Fault.ROW),  # string too long
    ("22021", Fault.ROW),  # no such character in the encoding
    ("22P05", Fault.ROW),  # untranslatable character
    ("22003", Fault.ROW),  # out of range
    ("23502", Fault.ROW),  # not null
    ("23505", Fault.ROW),  # unique
    ("23514", Fault.ROW),  # check
    ("25006", Fault.OUTAGE),  # read-only transaction
    ("25P02", Fault.OUTAGE),  # in failed transaction
    ("25P03", Fault.OUTAGE),  # idle in transaction for too long
    ("28000", Fault.UNFIT),  # invalid authorization
    ("28P01", Fault.UNFIT),  # wrong password
    ("3D000", Fault.UNFIT),  # no such database
    ("3F000", Fault.UNFIT),  # no such schema
    ("40001", Fault.OUTAGE),  # serialization failure
    ("40P01", Fault.OUTAGE),  # deadlock
    ("42501", Fault.UNFIT),  # insufficient privilege
    ("42703", Fault.UNFIT),  # undefined column
    ("42P01", Fault.UNFIT),  # undefined table
    ("44000", Fault.ROW),  # check of a view
    ("53100", Fault.OUTAGE),  # disk full
    ("53200", Fault.OUTAGE),  # out of memory
    ("53300", Fault.OUTAGE),  # too many connections
    ("54000", Fault.ROW),  # program limit exceeded
    ("54001", Fault.ROW),  # statement too complex
    ("55006", Fault.OUTAGE),  # object in use
    ("55P03", Fault.OUTAGE),  # lock not available
    ("57014", Fault.OUTAGE),  # query cancelled
    ("57P01", Fault.OUTAGE),  # admin shutdown
    ("57P03", Fault.OUTAGE),  # cannot connect now
    ("58030", Fault.OUTAGE),  # I/O error
    ("P0001", Fault.ROW),  # a trigger's own
    ("XX001", Fault.UNFIT),  # data corrupted
    ("XX002", Fault.UNFIT),  # index corrupted
]


def wrapped(orig: Exception, base: type[Exception]) -> DBAPIError:
    """Return a driver's error as SQLAlchemy raises it."""
    error = DBAPIError.instance("INSERT", {}, orig, base)
    assert isinstance(error, DBAPIError)
    return error


@pytest.mark.parametrize(("state", "fault"), STATES)
def test_the_state_decides_whatever_class_the_driver_has_for_it(state: str, fault: Fault) -> None:
    assert fault_of(wrapped(psycopg.errors.lookup(state)("why"), psycopg.Error)) is fault


def test_each_row_of_the_table_has_a_state_here() -> None:
    assert {prefix for prefix in SQLSTATES if any(state.startswith(prefix) for state, _ in STATES)} == set(
        SQLSTATES
    )


def test_a_state_that_is_not_in_the_table_is_the_databases_trouble() -> None:
    assert fault_of(wrapped(psycopg.errors.lookup("0A000")("why"), psycopg.Error)) is Fault.UNFIT


@pytest.mark.parametrize("code", SQLITE_CODES)
def test_sqlites_primary_code_decides_whatever_the_extended_one_adds(code: int) -> None:
    orig = sqlite3.OperationalError("why")
    orig.sqlite_errorcode = code | 5 << 8
    assert fault_of(wrapped(orig, sqlite3.Error)) is SQLITE_CODES[code]


@pytest.mark.parametrize(
    ("code", "fault"),
    [
        (sqlite3.SQLITE_BUSY, Fault.OUTAGE),
        (sqlite3.SQLITE_FULL, Fault.OUTAGE),
        (sqlite3.SQLITE_READONLY, Fault.OUTAGE),
        (sqlite3.SQLITE_ERROR, Fault.UNFIT),
        (sqlite3.SQLITE_CORRUPT, Fault.UNFIT),
        (sqlite3.SQLITE_CONSTRAINT, Fault.ROW),
        (sqlite3.SQLITE_TOOBIG, Fault.ROW),
        (99, Fault.UNFIT),
    ],
)
def test_sqlites_codes_mean_what_its_manual_says(code: int, fault: Fault) -> None:
    orig = sqlite3.OperationalError("why")
    orig.sqlite_errorcode = code
    assert fault_of(wrapped(orig, sqlite3.Error)) is fault


@pytest.mark.parametrize(
    ("kind", "invalidated", "fault"),
    [
        (OperationalError, False, Fault.OUTAGE),  # while a connection is made
        (InterfaceError, False, Fault.OUTAGE),
        (DataError, False, Fault.ROW),  # psycopg on a NUL
        (ProgrammingError, False, Fault.ROW),
        (IntegrityError, False, Fault.ROW),
        (DataError, True, Fault.OUTAGE),
    ],
)
def test_without_a_code_the_drivers_class_decides(
    kind: type[DBAPIError], invalidated: bool, fault: Fault
) -> None:
    assert fault_of(kind("INSERT", {}, Exception("why"), connection_invalidated=invalidated)) is fault


def test_a_value_that_sqlites_driver_cannot_pass_is_the_rows_trouble() -> None:
    with pytest.raises(sqlite3.Error) as caught:
        sqlite3.connect(":memory:").execute("SELECT ?", (object(),))
    assert fault_of(wrapped(caught.value, sqlite3.Error)) is Fault.ROW


def test_a_disk_that_is_full_is_told_from_other_outages(tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "x.db")) as connection:
        connection.execute("PRAGMA max_page_count = 2")
        with pytest.raises(sqlite3.OperationalError) as full:
            connection.executescript("create table a (b); insert into a values (zeroblob(100000))")
    assert is_disk_full(OperationalError("insert", {}, full.value))
    assert is_disk_full(OperationalError("insert", {}, psycopg.errors.DiskFull("No space left on device")))
    for other in (sqlite3.OperationalError("locked"), psycopg.errors.OutOfMemory(), Exception("full")):
        assert not is_disk_full(OperationalError("insert", {}, other))
