"""The leases and messages of an earlier run in the same folder."""

from dataclasses import replace

from workers.delivery.compat.kombu_keys import all_keys
from workers.ledger.entries import Deferral, Policy
from workers.ledger.frontier import Frontier
from workers.ledger.redis_client import RedisClient
from workers.settings import Settings


def put_back_leases(settings: Settings, client: RedisClient) -> None:
    """Put back the leases of a run that was stopped, at no cost to their articles, and delete its messages.

    Only for a Redis that no worker uses.
    """
    frontier = Frontier(client, settings.key_prefix, replace(Policy.of(settings), backoff_base=0))
    for lease in frontier.leased():
        frontier.defer(
            lease.article,
            Deferral.SYSTEM,
            lease.entry.stage,
            reason="interrupted",
            detail="the run was stopped",
        )
    for key in client.scan_iter(match=all_keys(settings.key_prefix), count=1000):
        client.delete(key)
