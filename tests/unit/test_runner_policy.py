"""What an exception out of a stage, or out of the database, means for the article: two tables."""

import pytest
from billiard.exceptions import SoftTimeLimitExceeded
from sqlalchemy.exc import DataError, DBAPIError, IntegrityError, InterfaceError, OperationalError

from tasks.article import Outcome
from tasks.errors import Reason, Rejected, TryLater
from workers.delivery.runner import Deferred, Settled, verdict_of
from workers.ledger.bodies import BodyLostError
from workers.ledger.entries import Deferral
from workers.ledger.settle import WRITE_PAUSES
from workers.settings import Settings
from workers.store.engine import is_outage


@pytest.mark.parametrize(
    ("error", "verdict"),
    [
        (Rejected(Reason.ROBOTS), Settled(Outcome.REJECTED, "robots", "")),
        (Rejected(Reason.TOO_LARGE, "9 MB"), Settled(Outcome.REJECTED, "too_large", "9 MB")),
        (TryLater(Reason.SERVER_ERROR, "503"), Deferred(Deferral.LATER, "server_error", "503")),
        (
            TryLater(Reason.RATE_LIMITED, after=7, whole_host=True),
            Deferred(Deferral.LATER, "rate_limited", after=7, whole_host=True),
        ),
        (
            BodyLostError("id"),
            Deferred(Deferral.SYSTEM, "body_lost", "its body expired, see NEWSMILL_BODY_TTL"),
        ),
        (
            SoftTimeLimitExceeded(),
            Deferred(Deferral.RETRY, "timeout", "ran longer than NEWSMILL_SOFT_LIMIT"),
        ),
        (KeyError("title"), Deferred(Deferral.RETRY, "error", "KeyError: 'title'")),
        (ValueError(), Deferred(Deferral.RETRY, "error", "ValueError: ")),
        (RecursionError("deep"), Deferred(Deferral.RETRY, "error", "RecursionError: deep")),
        (MemoryError(), Deferred(Deferral.RETRY, "error", "MemoryError: ")),
        (TimeoutError("dns"), Deferred(Deferral.RETRY, "error", "TimeoutError: dns")),
    ],
    ids=lambda value: type(value).__name__,
)
def test_what_a_stage_raises_decides_what_becomes_of_the_article(
    error: Exception, verdict: Settled | Deferred
) -> None:
    assert verdict_of(error) == verdict


@pytest.mark.parametrize(
    ("kind", "invalidated", "outage"),
    [
        (OperationalError, False, True),
        (InterfaceError, False, True),
        (DataError, False, False),
        (IntegrityError, False, False),
        (DataError, True, True),
    ],
)
def test_only_a_database_that_is_not_able_is_an_outage(
    kind: type[DBAPIError], invalidated: bool, outage: bool
) -> None:
    error = kind("INSERT", {}, Exception("why"), connection_invalidated=invalidated)
    assert is_outage(error) is outage


def test_the_tries_to_write_a_row_end_well_within_a_lease() -> None:
    assert sum(WRITE_PAUSES) < Settings.model_fields["lease_seconds"].default / 4
