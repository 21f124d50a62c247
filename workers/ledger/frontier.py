"""The frontier and the ledger: what waits, what is leased to which attempt, what was seen.

Each call is one atomic Lua script (lua/); prelude.lua lists the keys. Time is Redis's, so that workers' clocks do not
matter. Ids are 16 raw bytes in Redis, and hex outside.
"""

from collections.abc import Iterable, Mapping
from random import uniform
from types import MappingProxyType
from typing import Any

from tasks.article import Article, Outcome
from workers.errors import UserError
from workers.ledger.entries import DELETED, LETTERS, Deferral, Lease, Policy, Started, Submission, Turn
from workers.ledger.lookups import Lookups, leases_in
from workers.ledger.redis_client import RedisClient, beginning_with
from workers.ledger.walls import wall_of

#: Version of what newsmill keeps in Redis. It goes up when programs of the version before cannot work with it any more.
#: A program works with the version before it, too, so that a backlog is finished after an upgrade.
#:
#: The version covers what programs of two versions share:
#: - keys, entries and states of the ledger (lua/prelude.lua, entries.py);
#: - how an article's id follows from its URL (tasks/url_keys.py; rekey.py has another way), since states and rows are kept under it;
#: - pages and texts between two tasks (bodies.py);
#: - the index of contents (content_index.py, lua/contents/, tasks/dedupe/minhash.py);
#: - cached robots.txt files (robots_cache.py).
#: Messages have a version of their own (workers/delivery/messages.py), and so has the store (workers/store/migrations/).
#: A ledger that notes none is of version 1: the first release noted none.
VERSION = 1

#: URLs in one submit script: 500 keep Redis busy for about 5 ms.
SUBMIT_BATCH = 500
#: Seconds without a scheduler's pulse after which Redis or all schedulers count as having been away. A round of the
#: scheduler takes up to 0.05 s; its restart, with the imports, 1 to 4 s.
AWAY = 10.0


class Frontier(Lookups):
    """The ledger's calls. Each may raise redis.RedisError; none leaves a change half done."""

    def __init__(self, redis: RedisClient, prefix: str, policy: Policy) -> None:
        super().__init__(redis, prefix)
        self._policy = policy
        #: What gives the URLs their ids.
        self.keys = policy.keys

    def check_version(self) -> None:
        """Note this version unless it is noted; UserError for a ledger that a newer newsmill has made."""
        noted = int(self._run("version", VERSION))
        if noted > VERSION:
            raise UserError(
                f"A newer newsmill has upgraded the ledger in Redis: its version is {noted}, this program knows {VERSION}. "
                "Upgrade newsmill here, too."
            )

    def submit(
        self,
        submissions: Iterable[Submission],
        *,
        again: bool = False,
        known: Mapping[str, Outcome | None] = MappingProxyType({}),
    ) -> str:
        """Queue URLs that are new; return a letter for each submission: `n` for queued, else the URL's state.

        With `again`, settled URLs are queued again. `known` has what the store knows of ids: an outcome, None for a row that
        was deleted. What it knows is settled here, too; in upper case what this Redis had forgotten. `-` is the letter of what
        was deleted. Takes at most `SUBMIT_BATCH` at a time. `u` stands for a queued one that no replica has confirmed, where there
        should be one: a failover now would lose it.
        """
        args: list[Any] = ["1" if again else "0", self._policy.host_concurrency]
        for one in submissions:
            letter = _known_letter(known[one.id]) if one.id in known else ""
            args += (bytes.fromhex(one.id), one.host, int(one.priority), one.body(), letter)
        letters, is_confirmed = self._scripts.run_replicated("submit", *args)
        text: str = letters.decode()
        return text if is_confirmed else text.replace("n", "u")

    def claim(self, count: int) -> list[Lease]:
        """Lease up to `count` articles whose hosts are due, up to max_in_flight leases in all."""
        policy = self._policy
        reply = self._run(
            "claim",
            count,
            policy.max_in_flight,
            _ms(policy.lease),
            _ms(policy.host_interval),
            policy.host_concurrency,
        )
        return self._leases(reply)

    def _leases(self, reply: list[bytes]) -> list[Lease]:
        """Return the leases in a reply of a script; what nobody can read is set aside."""
        leases = list(leases_in(reply))
        if 2 * len(leases) < len(reply):
            known = {lease.article.id for lease in leases}
            odd = [raw for raw in reply[::2] if raw.hex() not in known]
            self._run("discard", self._policy.host_concurrency, *odd)
        return leases

    def start(
        self, article: Article, stage: str, *, in_place: bool = False, with_body: bool = False
    ) -> Started:
        """Count an attempt at a delivered task, or note a stage that begins in place. Renews the lease."""
        policy = self._policy
        kind = "stage" if in_place else "task"
        verdict, *rest = self._run(
            "start",
            *(_raw(article), article.token, stage, kind, _ms(policy.lease), policy.max_attempts),
            "1" if with_body else "0",
        )
        if not rest:
            return Started(verdict.decode())
        attempts, last_seen, history, forgotten, *body = rest
        flags = history == b"1", forgotten == b"1"
        return Started(verdict.decode(), int(attempts), last_seen.decode(), *flags, *body)

    def turn(self, article: Article, server: str, *, crawl_delay: float = 0, patience: float = 0) -> Turn:
        """Take the article's turn at the host of `server`, its own or one that a redirect leads to. Renews the lease.

        `crawl_delay` and `patience` are in seconds. A turn that is further away than the patience is reserved.
        """
        policy = self._policy
        verdict, milliseconds = self._run(
            "turn",
            *(_raw(article), article.token, server, _ms(policy.host_interval), _ms(crawl_delay)),
            *(_ms(patience), _ms(policy.lease), policy.host_concurrency),
        )
        return Turn(verdict.decode(), int(milliseconds) / 1000)

    def defer(
        self,
        article: Article,
        kind: Deferral,
        stage: str,
        *,
        reason: str,
        detail: str = "",
        after: float | None = None,
        rounds: int | None = None,
        whole_host: bool = False,
        store_away: bool = False,
    ) -> str:
        """Give the article back; return `deferred`, `spent` (settle it as failed) or `stale`.

        `rounds` deferrals are enough, if that is less than the policy's. With `whole_host`, all URLs of its server wait. With
        `store_away`, the store did not take its row: that costs nothing, unless it takes the rows of others (defer.lua).
        """
        policy = self._policy
        most = policy.max_deferrals if rounds is None else min(policy.max_deferrals, rounds)
        # At most a day, whatever Retry-After asks for.
        asked = min(after or 0.0, 24 * 3600)
        reply: bytes = self._run(
            "defer",
            *(_raw(article), article.token, kind.value, stage, reason, detail[:300]),
            *(_ms(policy.backoff_base), _ms(policy.backoff_cap), _ms(asked), "1" if whole_host else "0"),
            *(most, policy.max_attempts, policy.host_concurrency),
            _factor(policy),
            "1" if store_away else "0",
        )
        return reply.decode()

    def store_away(self) -> bool:
        """Return whether the store did not take a row since `store_back`."""
        return bool(self._redis.exists(self._prefix + "store_away"))

    def store_trouble(self) -> str | None:
        """Return why the store did not take a row since `store_back`; None if it takes rows."""
        noted: bytes | None = self._redis.get(self._prefix + "store_away")
        return (
            None if noted is None else noted.decode("utf-8", "replace").partition(" ")[2] or "no reason given"
        )

    def persistence(self) -> dict[str, Any]:
        """Return what Redis says of its files (INFO persistence)."""
        found: dict[str, Any] = self._redis.info("persistence")
        return found

    def store_back(self) -> None:
        """Note that the store takes rows again."""
        self._redis.delete(self._prefix + "store_away")

    def settle(
        self,
        article: Article,
        outcome: Outcome,
        *,
        reason: str | None = None,
        host_answered: bool = True,
    ) -> bool:
        """Release the lease for good, after the row was written; False where it is not ours any more.

        A `reason` that is a wall's counts against the article's host (walls.py), unless the wall is another site's, to which
        the article was redirected.
        """
        policy = self._policy
        args = (_raw(article), article.token, LETTERS[outcome], "1" if host_answered else "0")
        pause = (_ms(policy.backoff_base), _ms(policy.backoff_cap), _factor(policy))
        return bool(self._run("settle", *args, policy.host_concurrency, wall_of(article, reason), *pause))

    def pulse(self) -> int:
        """Note that a scheduler runs. If none has for AWAY seconds, renew all leases at no cost; return how many."""
        return int(self._run("pulse", _ms(AWAY), _ms(self._policy.lease)))

    def ageing(self) -> bool:
        """Return whether a lease has used up half of its time or more, so that `reclaim` has something to do."""
        soon = self._now() + _ms(self._policy.lease / 2)
        return bool(self._redis.zcount(self._prefix + "leases", "-inf", soon))

    def reclaim(self, still_queued: Iterable[str] = ()) -> tuple[int, list[Lease]]:
        """Put back articles whose lease has expired; return how many, and new leases on those without an attempt left.

        `still_queued` are the ids of articles whose message waits for a worker: their leases are renewed in time.
        """
        policy = self._policy
        queued = [bytes.fromhex(one) for one in still_queued]
        args = (_ms(policy.lease), policy.max_attempts, policy.host_concurrency, 1000, *queued)
        lost, unreadable, *spent = self._run("reclaim", *args)
        if unreadable:
            self.recount()
        return int(lost), self._leases(spent)

    def recount(self) -> None:
        """Count anew how many articles of each server are in flight: a record that nobody can read had one, too."""
        key = f"{self._prefix}host:"
        keys = list(self._redis.scan_iter(match=beginning_with(key), count=1000))
        for start in range(0, len(keys), 1000):
            servers = [one.removeprefix(key.encode()) for one in keys[start : start + 1000]]
            self._run("recount", self._policy.host_concurrency, *servers)


def _known_letter(outcome: Outcome | None) -> str:
    return DELETED if outcome is None else LETTERS[outcome]


def _factor(policy: Policy) -> float:
    """Return by how much a delay is longer or shorter."""
    return uniform(1 - policy.jitter, 1 + policy.jitter)  # noqa: S311 - no secret


def _ms(seconds: float) -> int:
    return round(seconds * 1000)


def _raw(article: Article) -> bytes:
    return bytes.fromhex(article.id)
