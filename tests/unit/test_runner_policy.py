"""What an exception out of a stage means for the article: a table."""

import pytest
from billiard.exceptions import SoftTimeLimitExceeded

from tasks.article import Outcome
from tasks.errors import Failed, Reason, Rejected, TryLater
from workers.delivery.runner import Deferred, Settled, verdict_of
from workers.delivery.runtime import STATEMENT_SECONDS
from workers.ledger.bodies import BodyLostError
from workers.ledger.entries import Deferral
from workers.ledger.settle import WRITE_SECONDS
from workers.settings import Settings


@pytest.mark.parametrize(
    ("error", "verdict"),
    [
        (Rejected(Reason.ROBOTS), Settled(Outcome.REJECTED, "robots", "")),
        (Rejected(Reason.TOO_LARGE, "9 MB"), Settled(Outcome.REJECTED, "too_large", "9 MB")),
        (TryLater(Reason.SERVER_ERROR, "503"), Deferred(Deferral.LATER, "server_error", "503")),
        (TryLater(Reason.HOST_PAUSED, after=60), Deferred(Deferral.SYSTEM, "host_paused", after=60)),
        (Failed(Reason.REDIRECT_LOOP, "x"), Settled(Outcome.FAILED, "redirect_loop", "x")),
        (
            TryLater(Reason.TLS, rounds=3, whole_host=True),
            Deferred(Deferral.LATER, "tls", rounds=3, whole_host=True),
        ),
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


def test_the_tries_to_write_a_row_end_well_within_the_limits_of_a_task() -> None:
    soft = Settings.model_fields["soft_limit"].default
    assert soft / 2 > WRITE_SECONDS + STATEMENT_SECONDS
