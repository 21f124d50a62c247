"""Who owns a content, exactly or nearly, on a real Redis, and on several."""

import itertools
import multiprocessing
import random
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor

import msgspec
import pytest
from redis import Redis

from tasks.article import Article, Outcome, article_id
from tasks.dedupe.minhash import NAMED, NEAR, Signature, signature, similar
from tasks.dedupe.particulars import MOST
from tasks.dedupe.stage import Original
from tasks.dedupe.text import content_id
from workers.ledger.content_index import ContentIndex
from workers.ledger.entries import Submission
from workers.ledger.frontier import Frontier
from workers.ledger.redis_client import RedisClient

CONTENT = Signature("c0ffee" + "0" * 26)
WEEK = 7 * 24 * 3600


def an_article(name: str) -> Article:
    url = f"http://site.test/{name}"
    return Article(id=article_id(url), url=url)


def story(seed: int, words: int = 200) -> list[str]:
    """Return the words of a story like no other."""
    return [f"word{random.Random(f'{seed} {at}').randrange(100_000)}" for at in range(words)]


def edition(seed: int, number: int) -> Signature:
    """Return an edition of a story: 0 is the story itself, each other one has another paragraph rewritten."""
    words = story(seed)
    if number:
        words[number * 20 : number * 20 + 15] = story(1000 * seed + number, 15)
    return signature(" ".join(words))


@pytest.fixture
def urls() -> dict[str, str]:
    return {one.id: one.url for one in map(an_article, "abcdefgh")}


@pytest.fixture(params=[1, 3], ids=["one Redis", "three"])
def shards(request: pytest.FixtureRequest, redis: RedisClient, redis_url: str) -> Iterator[list[RedisClient]]:
    """The Redis servers of the index; databases of one server are as separate."""
    if request.param == 1:
        yield [redis]
        return
    servers = [Redis.from_url(redis_url.rsplit("/", 1)[0] + f"/{number}") for number in range(1, 4)]
    yield servers
    for server in servers:
        server.close()


@pytest.fixture
def contents(
    redis: RedisClient, prefix: str, urls: dict[str, str], shards: list[RedisClient]
) -> ContentIndex:
    return ContentIndex(redis, prefix, urls.get, shards)


def test_the_first_claimer_owns_a_content_however_often_it_asks(contents: ContentIndex) -> None:
    for content in (CONTENT, edition(1, 0)):
        assert [contents.claim(content, an_article("a")) for _ in range(3)] == [None] * 3


def test_others_are_told_the_owners_url(contents: ContentIndex) -> None:
    contents.claim(CONTENT, an_article("a"))
    assert contents.claim(CONTENT, an_article("b")) == Original("http://site.test/a")


def test_a_near_copy_is_told_the_owner_and_the_score_however_often_it_asks(contents: ContentIndex) -> None:
    contents.claim(edition(1, 0), an_article("a"))
    contents.claim(edition(2, 0), an_article("b"))
    score = round(similar(edition(1, 0), edition(1, 1)), 2)
    told = [contents.claim(edition(1, 1), an_article("c")) for _ in range(3)]
    assert told == [Original("http://site.test/a", score)] * 3


def test_a_near_copy_is_nobody_s_original_but_of_its_very_copies(contents: ContentIndex) -> None:
    early, late = " ".join(story(1)), " ".join(story(2))
    contents.claim(signature(early), an_article("a"))
    both = signature(f"{early} {late}")
    assert contents.claim(both, an_article("b")) == Original(
        "http://site.test/a", round(similar(signature(early), both), 2)
    )
    assert contents.claim(both, an_article("c")) == Original("http://site.test/b")
    assert contents.claim(signature(late), an_article("d")) is None


def test_one_that_the_page_names_needs_to_be_less_alike(contents: ContentIndex) -> None:
    first = signature(" ".join(story(1)))
    # Half of the words are others: too few in common for any article, enough for one that the page names.
    words = story(1)
    for number in range(1, 10):
        words[number * 14 : number * 14 + 10] = story(1000 + number, 10)
    second = signature(" ".join(words))
    score = round(similar(first, second), 2)
    assert NAMED <= score < NEAR
    contents.claim(first, an_article("a"))
    page = an_article("b").evolve(canonical_link="http://site.test/a")
    assert [contents.claim(second, page) for _ in range(2)] == [Original("http://site.test/a", score)] * 2
    other = second.content_id[::-1]
    assert contents.claim(Signature(other, second.bands, second.sketch), an_article("c")) is None


def test_another_text_stays_another_whatever_a_page_names(contents: ContentIndex) -> None:
    contents.claim(edition(1, 0), an_article("a"))
    page = an_article("b").evolve(canonical_link="http://site.test/a", amphtml="http://site.test/c")
    assert contents.claim(edition(2, 0), page) is None


def test_one_that_the_page_names_goes_before_one_that_is_more_alike(
    redis: RedisClient, prefix: str, urls: dict[str, str]
) -> None:
    early, late = story(1), story(2)
    contents = ContentIndex(redis, prefix, urls.get)
    contents.claim(signature(" ".join(early)), an_article("a"))
    contents.claim(signature(" ".join(late)), an_article("b"))
    both = signature(" ".join(early[:120] + late))
    page = an_article("c").evolve(canonical_link="http://site.test/a")
    found = contents.claim(both, page)
    assert found is not None
    assert found.url == "http://site.test/a"


def test_scores_are_those_of_the_pure_function(contents: ContentIndex, urls: dict[str, str]) -> None:
    for seed in range(40):
        words = story(seed)
        random.Random(seed).shuffle(words)
        # From hardly alike to almost the same.
        kept = 20 + seed * 4
        texts = " ".join(story(seed)), " ".join(story(seed)[:kept] + words[kept:])
        (first, second), (one, other) = map(signature, texts), map(an_article, (f"{seed}a", f"{seed}b"))
        urls |= {one.id: one.url, other.id: other.url}
        assert contents.claim(first, one) is None
        alike = similar(first, second)
        expected = Original(one.url, round(alike, 2)) if alike >= NEAR else None
        assert contents.claim(second, other) == expected


def of_a_frame(seed: int, shared: int, count: int) -> Signature:
    """Return a story of 200 words in one frame, with `count` numbers and names, of which the first `shared` are in all of them."""
    words = story(0)
    for at in range(count):
        own = random.Random(f"{at} {seed if at >= shared else 0}")
        words[at * 16] = str(own.randrange(100, 100_000))
        words[at * 16 + 8] = own.choice("BCDFG") + "".join(own.choices("aeioukst", k=6))
    return signature(" ".join(words))


@pytest.mark.parametrize("count", [2, 12])
def test_two_stories_of_one_frame_are_told_apart_as_by_the_pure_function(
    contents: ContentIndex, urls: dict[str, str], shards: list[RedisClient], count: int
) -> None:
    found = set()
    for shared in range(count):
        first, second = of_a_frame(1, shared, count), of_a_frame(2, shared, count)
        one, other = an_article(f"{shared}a"), an_article(f"{shared}b")
        urls |= {one.id: one.url, other.id: other.url}
        for shard in shards:
            shard.flushdb()
        assert contents.claim(first, one) is None
        alike = similar(first, second)
        assert contents.claim(second, other) == (
            Original(one.url, round(alike, 2)) if alike >= NEAR else None
        )
        found.add(alike >= NEAR)
    assert found == {True, False}


def test_one_that_an_older_worker_has_claimed_is_judged_by_its_words(contents: ContentIndex) -> None:
    first, second = of_a_frame(1, 0, 12), of_a_frame(2, 0, 12)
    assert similar(first, second) == 0
    contents.claim(msgspec.structs.replace(first, particulars=b""), an_article("a"))
    found = contents.claim(second, an_article("b"))
    assert found
    assert found.url == "http://site.test/a"


def test_of_several_the_most_similar_is_told(contents: ContentIndex, shards: list[RedisClient]) -> None:
    if len(shards) > 1:
        pytest.skip("the first server that has one decides")
    early, late = story(1), story(2)
    contents.claim(signature(" ".join(early)), an_article("a"))
    contents.claim(signature(" ".join(late)), an_article("b"))
    found = contents.claim(signature(" ".join(early[:120] + late)), an_article("c"))
    assert found
    assert found.url == "http://site.test/b"


def test_copies_are_counted_once_each_up_to_a_bound_and_for_a_week(
    contents: ContentIndex, shards: list[RedisClient], prefix: str
) -> None:
    counts = [contents.copies(CONTENT, an_article(name), 3) for name in "abbacde"]
    assert counts == [1, 2, 2, 2, 3, 3, 3]
    key = f"{prefix}copies:".encode() + bytes.fromhex(CONTENT.content_id)
    (kept,) = [shard for shard in shards if shard.exists(key)]
    assert kept.scard(key) == 3
    assert WEEK - 60 < kept.ttl(key) <= WEEK


def test_only_the_owner_gives_a_content_up(contents: ContentIndex) -> None:
    for content, successor in ((CONTENT, "c"), (edition(1, 0), "d")):
        contents.claim(content, an_article("a"))
        assert not contents.release(content.content_id, an_article("b"))
        assert contents.release(content.content_id, an_article("a"))
        contents.claim(content, an_article(successor))
        assert not contents.release(content.content_id, an_article("a"))


def test_of_many_at_once_one_owns_it(contents: ContentIndex, urls: dict[str, str]) -> None:
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda name: contents.claim(CONTENT, an_article(name)), "abcdefgh" * 4))
    owners = {original.url for original in answers if original}
    assert len(owners) == 1
    assert owners <= set(urls.values())


def claim_all(url: str, prefix: str, shards: int, seed: int) -> dict[tuple[int, int], Original | None]:
    """Claim eight editions of each of 12 stories, in an order of this process's own."""
    with Redis.from_url(url) as client:
        servers = [Redis.from_url(url.rsplit("/", 1)[0] + f"/{number}") for number in range(1, shards + 1)]
        names = {
            an_article(f"{one}-{two}").id: f"http://site.test/{one}-{two}"
            for one in range(12)
            for two in range(8)
        }
        contents = ContentIndex(client, prefix, names.get, servers)
        work = [(one, two) for one in range(12) for two in range(8)] * 2
        random.Random(seed).shuffle(work)
        answers: dict[tuple[int, int], Original | None] = {}
        for one, two in work:
            # Two of the eight are the very same text.
            answer = contents.claim(edition(one, two if two < 7 else 6), an_article(f"{one}-{two}"))
            assert answers.setdefault((one, two), answer) == answer
        return answers


@pytest.mark.parametrize("servers", [0, 3], ids=["one Redis", "three"])
def test_eight_processes_agree_on_who_owns_what(
    redis: RedisClient, redis_url: str, prefix: str, servers: int
) -> None:
    assert redis.ping()
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["workers.content_index", "pytest"])
    with ProcessPoolExecutor(8, context) as pool:
        one, *others = pool.map(
            claim_all, *zip(*[(redis_url, prefix, servers, seed) for seed in range(8)], strict=True)
        )
    # Every process claimed every article: the same answer everywhere, whoever asked first.
    assert all(answers == one for answers in others)
    for number in range(12):
        answers = {f"http://site.test/{number}-{two}": one[number, two] for two in range(8)}
        originals = [url for url, original in answers.items() if original is None]
        assert len(originals) == 1
        exact = [original for original in answers.values() if original and original.score is None]
        assert len(exact) == 1
        near = {original.url for original in answers.values() if original and original.score is not None}
        # Over several servers, a near copy may be linked to one that was an original for a moment.
        assert near == set(originals) if servers < 2 else near <= set(answers)


@pytest.mark.parametrize(
    ("outcome", "owner"),
    [
        (Outcome.ENRICHED, "http://site.test/a"),
        (Outcome.FAILED, None),
        (Outcome.REJECTED, None),
        (Outcome.DUPLICATE, None),
    ],
)
@pytest.mark.parametrize("number", [0, 1], ids=["exact", "near"])
def test_the_claim_of_an_owner_without_a_row_of_that_content_is_vacant(
    contents: ContentIndex,
    make_frontier: Callable[..., Frontier],
    outcome: Outcome,
    owner: str | None,
    number: int,
) -> None:
    frontier = make_frontier()
    first = an_article("a")
    frontier.submit([Submission(first.id, first.url, "site.test")])
    (lease,) = frontier.claim(1)
    contents.claim(edition(1, 0), lease.article)
    frontier.settle(lease.article, outcome)
    found = contents.claim(edition(1, number), an_article("b"))
    assert (found and found.url) == owner
    # Whoever takes over is found from then on.
    heir = contents.claim(edition(1, 2), an_article("c"))
    assert heir
    assert heir.url == (owner or "http://site.test/b")


def test_the_claim_of_an_owner_that_nobody_knows_is_taken_over(
    contents: ContentIndex, urls: dict[str, str]
) -> None:
    contents.claim(CONTENT, an_article("a"))
    del urls[an_article("a").id]
    assert contents.claim(CONTENT, an_article("b")) is None
    assert contents.claim(CONTENT, an_article("c")) == Original("http://site.test/b")


def test_a_near_copy_whose_original_has_gone_takes_its_place(
    contents: ContentIndex, urls: dict[str, str]
) -> None:
    contents.claim(edition(1, 0), an_article("a"))
    assert contents.claim(edition(1, 1), an_article("b"))
    del urls[an_article("a").id]
    assert contents.claim(edition(1, 1), an_article("b")) is None
    found = contents.claim(edition(1, 2), an_article("c"))
    assert found
    assert found.url == "http://site.test/b"


def test_an_article_that_died_between_two_servers_goes_on_where_it_was(
    redis: RedisClient, redis_url: str, prefix: str, urls: dict[str, str]
) -> None:
    servers = [Redis.from_url(redis_url.rsplit("/", 1)[0] + f"/{number}") for number in range(1, 4)]
    contents = ContentIndex(redis, prefix, urls.get, servers)
    search = contents._shards[2].run
    contents._shards[2].run = lambda *_: 1 / 0  # type: ignore[method-assign, assignment]
    with pytest.raises(ZeroDivisionError):
        contents.claim(edition(1, 0), an_article("a"))
    contents._shards[2].run = search  # type: ignore[method-assign]
    assert contents.claim(edition(1, 0), an_article("a")) is None
    found = contents.claim(edition(1, 1), an_article("b"))
    assert found
    assert found.url == "http://site.test/a"


def test_what_is_found_by_likeness_ends_with_the_week_after(
    contents: ContentIndex, shards: list[RedisClient], prefix: str
) -> None:
    contents.claim(edition(1, 0), an_article("a"))
    for shard in shards:
        now = shard.time()[0]
        ends = {
            shard.expiretime(key) if _knows_expiretime(shard) else now + shard.ttl(key)
            for key in shard.keys(f"{prefix}near:*")
        }
        assert {round(end / WEEK, 3) for end in ends} <= {now // WEEK + 2}
        assert all(shard.ttl(key) == -1 for key in shard.keys(f"{prefix}content:*"))


def test_last_week_s_articles_are_found(
    contents: ContentIndex, shards: list[RedisClient], prefix: str
) -> None:
    contents.claim(edition(1, 0), an_article("a"))
    for shard in shards:
        week = shard.time()[0] // WEEK
        for key in shard.keys(f"{prefix}near:{week}*"):
            shard.rename(key, key.replace(f"near:{week}".encode(), f"near:{week - 1}".encode(), 1))
    contents.claim(edition(2, 0), an_article("b"))
    found = [contents.claim(edition(seed, 1), an_article(name)) for seed, name in ((1, "c"), (2, "d"))]
    assert [one and one.url for one in found] == ["http://site.test/a", "http://site.test/b"]


def test_articles_are_found_whatever_their_number(
    contents: ContentIndex, shards: list[RedisClient], prefix: str
) -> None:
    contents.claim(edition(1, 0), an_article("a"))
    for shard, last in itertools.product(shards, (65_536,)):
        # As if 65,536 articles had come in between: the next ones go to another level.
        shard.set(f"{prefix}near:{shard.time()[0] // WEEK}", last, keepttl=True)
    contents.claim(edition(2, 0), an_article("b"))
    found = [contents.claim(edition(seed, 1), an_article(name)) for seed, name in ((1, "c"), (2, "d"))]
    assert [one and one.url for one in found] == ["http://site.test/a", "http://site.test/b"]


def test_a_site_s_boilerplate_does_not_fill_the_index(
    contents: ContentIndex, urls: dict[str, str], shards: list[RedisClient], prefix: str
) -> None:
    boilerplate = " ".join(story(0, 60))
    for number in range(30):
        one = an_article(f"site {number}")
        urls[one.id] = one.url
        assert contents.claim(signature(f"{' '.join(story(number + 1))} {boilerplate}"), one) is None
    # Each of 24 bands has room for 8 articles.
    buckets = [shard.strlen(key) for shard in shards for key in shard.keys(f"{prefix}near:*:0*")]
    assert max(buckets) <= 2 * 8 * 6
    found = contents.claim(signature(" ".join(story(30))), an_article("a"))
    assert found
    assert found.url == "http://site.test/site 29"


def test_hashes_stay_listpacks(contents: ContentIndex, shards: list[RedisClient], prefix: str) -> None:
    for number in range(70):
        full = bytes(2 * MOST)
        contents.claim(
            msgspec.structs.replace(signature(" ".join(story(number))), particulars=full), an_article("a")
        )
    for shard in shards:
        kinds = {shard.object("encoding", key) for key in shard.keys(f"{prefix}near:*:[sn]*")}
        assert kinds <= {b"listpack", b"ziplist"}


def test_contents_claimed_before_near_duplicates_were_known_are_still_owned(
    contents: ContentIndex, shards: list[RedisClient], prefix: str
) -> None:
    raw = bytes.fromhex(content_id("a text"))
    for shard in shards:
        shard.hset(prefix.encode() + b"content:" + raw[:2], raw[2:], bytes.fromhex(an_article("a").id))
    assert contents.claim(signature("a text"), an_article("b")) == Original("http://site.test/a")


def _knows_expiretime(client: RedisClient) -> bool:
    return bool(int(client.info("server")["redis_version"].split(".")[0]) >= 7)


def test_a_redis_that_failed_over_is_told_what_the_last_rows_own_before_anything_is_claimed_there(
    redis: RedisClient, prefix: str, urls: dict[str, str], shards: list[RedisClient]
) -> None:
    owner, contents_of_rows = an_article("a"), [f"{number:032x}" for number in range(20)]
    asked: list[float] = []

    def last_owners(seconds: float) -> list[tuple[str, str]]:
        asked.append(seconds)
        return [(owner.id, one) for one in contents_of_rows]

    contents = ContentIndex(redis, prefix, urls.get, shards, last_owners=last_owners)
    assert contents.claim(Signature("f" * 32), owner) is None
    assert asked == []  # an index that is new has forgotten nothing
    for shard in shards:
        shard.set(f"{prefix}contents-on", "that of the master before")
    for one in contents_of_rows:
        assert contents.claim(Signature(one), an_article("b")) == Original("http://site.test/a")
    assert len(asked) == len(shards)
