"""The database's clock: the one that all who write to it share, so no stored time depends on a worker's."""

from typing import Any

from sqlalchemy import func, literal_column


def clock_of(dialect: str) -> Any:
    """Return the SQL expression of the time now, as the columns of `dialect` (`sqlite` or `postgresql`) store one.

    Not of the transaction's begin. SQLite has milliseconds; its clock is that of the machine which the file is on.
    """
    if dialect == "postgresql":
        return func.clock_timestamp()
    return literal_column("strftime('%Y-%m-%d %H:%M:%f000', 'now')")
