"""New ids for the rows: another list of tracking parameters, or another rule, makes other keys of the same URLs.

Rows have the URL that is asked for, so their ids can be made anew (tasks/url_keys.py). What an id was before is kept in
`former_ids`: the ledger, and the index of contents, may still have it.
"""

from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from sqlalchemy import BindParameter, Connection, Engine, bindparam, delete, insert, select, update
from sqlalchemy.engine import RowMapping

from tasks.article import Outcome
from workers.store.schema import articles, former_ids, store_identity

#: Rows looked at in one transaction; 1,000 unchanged ones take about 10 ms.
BATCH = 1000

_COLUMNS = (
    *(articles.c.id, articles.c.url, articles.c.token, articles.c.settled_at),
    *(articles.c.duplicate_of, articles.c.near_duplicate_of),
)


#: What gives a row a new id, one after the other: the row, what points to it, and its former id.
_OLD: BindParameter[str] = bindparam("old")
_NEW: BindParameter[str] = bindparam("new")
_STATEMENTS = (
    update(articles).where(articles.c.id == _OLD).values(id=_NEW),
    update(former_ids).where(former_ids.c.now == _OLD).values(now=_NEW),
    # One that points to itself: a list was taken back.
    delete(former_ids).where(
        (former_ids.c.id == _OLD) | ((former_ids.c.id == _NEW) & (former_ids.c.now == _NEW))
    ),
    insert(former_ids).values(id=_OLD, now=_NEW),
)


class Former(NamedTuple):
    """An id that an article had, the one it has now, and its outcome; None for one whose row was deleted since."""

    id: str
    now: str
    outcome: Outcome | None
    #: The outcome of another article that has the former id now, if one has.
    follower: Outcome | None


class Rekey:
    """Gives rows new ids. Methods raise sqlalchemy.exc.DBAPIError where the database cannot be used."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def version(self) -> str | None:
        """Return the version of the keys that the ids were made with; None for ids of an older newsmill."""
        with self._engine.connect() as connection:
            return connection.execute(select(store_identity.c.url_keys)).scalar()

    def note(self, version: str) -> None:
        """Note the version of the keys that all ids were made with."""
        with self._engine.begin() as connection:
            connection.execute(update(store_identity).values(url_keys=version))

    def rows(self, id_of: Callable[[str], str]) -> Iterator[int]:
        """Give each row the id that `id_of` makes of its URL, a batch a transaction; yield how many have a new one.

        `id_of` may raise ValueError for a URL that it cannot read: such a row keeps its id. Of two rows that become one, the
        newer stays, unless it is a copy of the other. Can be stopped after any batch and begun again.
        """
        last = ""
        while True:
            with self._engine.begin() as connection:
                query = select(*_COLUMNS).where(articles.c.id > last).order_by(articles.c.id).limit(BATCH)
                found = list(connection.execute(query).mappings())
                new = {row["id"]: one for row in found if (one := _new_id(row, id_of)) is not None}
                free = _free(connection, new)
                _move_all(connection, {old: new[old] for old in free})
                for old in new:
                    if old not in free:
                        _move(connection, old, id_of)
            if not found:
                return
            last = found[-1]["id"]
            yield len(new)

    def former(self) -> Iterator[list[Former]]:
        """Yield all former ids, in batches."""
        last = ""
        other = articles.alias()
        both = former_ids.outerjoin(articles, articles.c.id == former_ids.c.now)
        all_ = both.outerjoin(other, other.c.id == former_ids.c.id)
        columns = select(former_ids.c.id, former_ids.c.now, articles.c.outcome, other.c.outcome)
        while True:
            query = (
                columns.select_from(all_).where(former_ids.c.id > last).order_by(former_ids.c.id).limit(BATCH)
            )
            with self._engine.connect() as connection:
                found = [
                    Former(id_, now, *(Outcome(one) if one else None for one in outcomes))
                    for id_, now, *outcomes in connection.execute(query)
                ]
            if not found:
                return
            last = found[-1].id
            yield found


def _new_id(row: RowMapping, id_of: Callable[[str], str]) -> str | None:
    """Return the id that a row should have; None if it has it."""
    try:
        new = id_of(row["url"])
    except ValueError:
        return None
    return new if new != row["id"] else None


def _free(connection: Connection, new: dict[str, str]) -> set[str]:
    """Return those of the ids whose new one no row has, and no other gets."""
    often = Counter(new.values())
    query = select(articles.c.id).where(articles.c.id.in_(new.values()))
    taken = set(connection.execute(query).scalars()) if new else set()
    return {old for old, one in new.items() if often[one] == 1 and one not in taken}


def _move_all(connection: Connection, new: dict[str, str]) -> None:
    """Give rows new ids that are free: as `_move` does, a statement for all of them; a third of the time."""
    if not new:
        return
    values = [{"old": old, "new": one} for old, one in new.items()]
    for statement in _STATEMENTS:
        connection.execute(statement, values)


def _move(
    connection: Connection, old: str, id_of: Callable[[str], str], behind: frozenset[str] = frozenset()
) -> None:
    """Give a row its new id. A row that has it already moves on, or is the same article; then one of them goes.

    `behind` are the rows that wait for this one to move.
    """
    # Read again: a row before it in the same batch may have become one with it, or may have waited for it.
    mine = _row(connection, old)
    new = None if mine is None else _new_id(mine, id_of)
    if mine is None or new is None:
        return
    other = _row(connection, new)
    if other is not None and new not in behind and _new_id(other, id_of) is not None:
        _move(connection, new, id_of, behind | {old})
        other = _row(connection, new)
    if other is not None:
        # The token of both: no attempt of before may write over the row that stays.
        token = max(mine["token"], other["token"])
        stays, goes = (mine, other) if _is_better(mine, other) else (other, mine)
        connection.execute(delete(articles).where(articles.c.id == goes["id"]))
        connection.execute(update(articles).where(articles.c.id == stays["id"]).values(id=new, token=token))
        rename_original(connection, goes["url"], stays["url"])
    _move_all(connection, {old: new})


def rename_original(connection: Connection, before: str, now: str) -> None:
    """Let the copies of an article name it as its row does from now on: by the URL `now`."""
    if before == now:
        return
    for column in (articles.c.duplicate_of, articles.c.near_duplicate_of):
        named = update(articles).where(column == before, articles.c.url != now)
        connection.execute(named.values({column: now}))


def _row(connection: Connection, id_: str) -> RowMapping | None:
    return connection.execute(select(*_COLUMNS).where(articles.c.id == id_)).mappings().first()


def _is_better(one: RowMapping, other: RowMapping) -> bool:
    """Return whether of two rows of one article the first should stay: the newer, unless it is a copy of the other."""
    if _copies(one, other):
        return False
    newer: Any = one["settled_at"] > other["settled_at"]
    return bool(newer) or _copies(other, one)


def _copies(one: RowMapping, other: RowMapping) -> bool:
    return other["url"] in {one["duplicate_of"], one["near_duplicate_of"]}
