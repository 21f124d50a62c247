"""Whose trouble a database's error is, the database's or the row's, by the code that the database itself gives."""

import sqlite3
from enum import Enum

from sqlalchemy.exc import DBAPIError, InterfaceError, InternalError, OperationalError


class Fault(Enum):
    """Whose trouble an error of the database is, and so what is done about it."""

    #: The database is away, busy, full or read-only, and the same statement may work a moment later. Costs an article
    #: nothing.
    OUTAGE = "outage"
    #: The database works, and somebody has to mend it: a table or a privilege is missing, a file is damaged. Costs an
    #: article nothing.
    UNFIT = "unfit"
    #: The database will never take this statement with these values. Ends the article whose row it is.
    ROW = "row"


#: PostgreSQL's SQLSTATEs, or how they begin (postgresql.org/docs/current/errcodes-appendix.html). The longest one counts.
SQLSTATES = {
    "08": Fault.OUTAGE,  # the connection broke
    "22": Fault.ROW,  # a value that its type does not take: too long, no such character, out of range
    "23": Fault.ROW,  # a constraint
    "25": Fault.OUTAGE,  # a transaction that failed, or timed out
    "25006": Fault.OUTAGE,  # read-only transaction: a standby answers, until it is promoted
    "28": Fault.UNFIT,  # the role may not log in
    "3D": Fault.UNFIT,  # there is no such database
    "3F": Fault.UNFIT,  # there is no such schema
    "40": Fault.OUTAGE,  # deadlock or serialization failure: the transaction was rolled back
    "42": Fault.UNFIT,  # a table or a column is missing or of another type; a privilege is missing
    "44": Fault.ROW,  # the check of a view
    "53": Fault.OUTAGE,  # disk full, out of memory, too many connections
    "54": Fault.ROW,  # a limit: a row of an index over 2,704 bytes, a JSON too deep
    "55": Fault.OUTAGE,  # an object in use; a lock was not to be had within lock_timeout
    "57": Fault.OUTAGE,  # shutdown, crash, start-up; a statement cancelled by its timeout
    "58": Fault.OUTAGE,  # I/O error
    "P0": Fault.ROW,  # what a trigger raises
    "XX": Fault.UNFIT,  # data or an index is damaged
}

#: SQLite's primary result codes (sqlite.org/rescode.html).
SQLITE_CODES = {
    sqlite3.SQLITE_ERROR: Fault.UNFIT,  # no such table or column
    sqlite3.SQLITE_INTERNAL: Fault.UNFIT,
    sqlite3.SQLITE_PERM: Fault.UNFIT,
    sqlite3.SQLITE_ABORT: Fault.OUTAGE,
    sqlite3.SQLITE_BUSY: Fault.OUTAGE,  # another process holds the file
    sqlite3.SQLITE_LOCKED: Fault.OUTAGE,
    sqlite3.SQLITE_NOMEM: Fault.OUTAGE,
    sqlite3.SQLITE_READONLY: Fault.OUTAGE,
    sqlite3.SQLITE_INTERRUPT: Fault.OUTAGE,
    sqlite3.SQLITE_IOERR: Fault.OUTAGE,
    sqlite3.SQLITE_CORRUPT: Fault.UNFIT,
    sqlite3.SQLITE_FULL: Fault.OUTAGE,
    sqlite3.SQLITE_CANTOPEN: Fault.OUTAGE,
    sqlite3.SQLITE_PROTOCOL: Fault.OUTAGE,  # the locks of the write-ahead log
    sqlite3.SQLITE_SCHEMA: Fault.UNFIT,
    sqlite3.SQLITE_TOOBIG: Fault.ROW,
    sqlite3.SQLITE_CONSTRAINT: Fault.ROW,
    sqlite3.SQLITE_MISMATCH: Fault.ROW,
    sqlite3.SQLITE_MISUSE: Fault.UNFIT,
    sqlite3.SQLITE_NOLFS: Fault.UNFIT,  # the system has no large files
    sqlite3.SQLITE_AUTH: Fault.UNFIT,
    sqlite3.SQLITE_FORMAT: Fault.UNFIT,
    sqlite3.SQLITE_RANGE: Fault.ROW,
    sqlite3.SQLITE_NOTADB: Fault.UNFIT,
}

#: What drivers raise without a code of the database's: PostgreSQL gives none while a connection is made.
_AWAY = (OperationalError, InterfaceError, InternalError)


def is_disk_full(error: DBAPIError) -> bool:
    """Return whether the disk of the database has no room: SQLITE_FULL, or PostgreSQL's disk_full."""
    if isinstance(error.orig, sqlite3.Error):
        code: int | None = getattr(error.orig, "sqlite_errorcode", None)
        return code is not None and code & 0xFF == sqlite3.SQLITE_FULL
    return getattr(error.orig, "sqlstate", None) == "53100"


def fault_of(error: DBAPIError) -> Fault:
    """Return whose trouble an error is.

    A code that is not in the tables counts as the database's trouble: that loses nothing, and an article whose row alone
    meets it is ended by a bound (defer.lua).
    """
    if error.connection_invalidated:
        return Fault.OUTAGE
    if isinstance(error.orig, sqlite3.Error):
        code: int | None = getattr(error.orig, "sqlite_errorcode", None)
        # The driver's own errors have none: it cannot pass the value.
        return Fault.ROW if code is None else SQLITE_CODES.get(code & 0xFF, Fault.UNFIT)
    state: str | None = getattr(error.orig, "sqlstate", None)
    if state is None:
        return Fault.OUTAGE if isinstance(error, _AWAY) else Fault.ROW
    return SQLSTATES.get(state) or SQLSTATES.get(state[:2], Fault.UNFIT)
