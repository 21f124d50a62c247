"""The servers of the index of contents: whose they are, and in which order. Another order finds no copies."""

from workers.errors import UserError
from workers.ledger.redis_client import connect
from workers.ledger.scripts import Scripts
from workers.masking import masked
from workers.settings import Settings


def check_content_servers(settings: Settings, store: str, *, take_over: bool = False) -> None:
    """Note in each server of NEWSMILL_CONTENT_REDIS_URLS the store's id and the server's place in that list.

    Raises UserError for a server that has another place, or is another store's, unless `take_over`; redis.RedisError.
    """
    urls = [one.get_secret_value() for one in settings.content_redis_urls]
    for number, url in enumerate(urls, 1):
        place = f"{store} {number} {len(urls)}"
        with connect(settings, url=url) as client:
            noted = Scripts(client, settings.key_prefix).run("place", place, "1" if take_over else "0")
        if noted != place.encode():
            raise UserError(f"{masked(url)} {_difference(noted.decode('utf-8', 'replace'), store, place)}")


def _difference(noted: str, store: str, place: str) -> str:
    other, _, its_place = noted.partition(" ")
    if other != store:
        return (
            "has the index of contents of another store. Correct NEWSMILL_CONTENT_REDIS_URLS, or bind this Redis to this "
            "store with --take-over."
        )
    here, there = (" of ".join(one.split(" ")[-2:]) for one in (place, its_place))
    return (
        f"is server {there} of the index of contents for other processes, and {here} for this one. "
        "NEWSMILL_CONTENT_REDIS_URLS must name the same servers in the same order everywhere. If you have changed the list "
        "for all of them: --take-over."
    )
