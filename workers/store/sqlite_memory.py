"""An SQLite database in memory that many threads share."""

import sqlite3
from threading import RLock


class SharedMemory:
    """One connection, which is all there is of the database, handed from thread to thread.

    One thread has it at a time, since a commit or a rollback would end another's transaction, too. A thread may have it
    more than once, to write while it reads.
    """

    def __init__(self) -> None:
        self._connection = _Lent()

    def connect(self) -> sqlite3.Connection:
        """Return the connection, which its `close` gives back."""
        self._connection.lock.acquire()
        return self._connection

    def close(self) -> None:
        """Let the database go."""
        sqlite3.Connection.close(self._connection)


class _Lent(sqlite3.Connection):
    """A connection that `close` gives back."""

    def __init__(self) -> None:
        super().__init__(":memory:", check_same_thread=False)
        self.lock = RLock()

    def close(self) -> None:
        """Roll back what was not committed, and let the next thread have the connection."""
        self.rollback()
        self.lock.release()

    def create_function(self, *_: object, **__: object) -> None:
        """Make no function: SQLAlchemy's REGEXP, which newsmill has no use for, cannot be made while a query runs."""
