"""What `newsmill why` says of an article that is done."""

from tasks.article import Article, Hop, Outcome
from workers.inspect.story import _settled_facts
from workers.store.rows import Result
from workers.store.store import Store


def test_the_requests_on_the_way_to_a_page_are_told_one_by_one() -> None:
    hops = (
        Hop("http://a.test/1", 302, "redirect", ("User-Agent: newsmill/1",)),
        Hop("http://a.test/2", 200, "refresh", ("Cookie: sid, x", 'If-None-Match: "v1"')),
        Hop("http://a.test/3", 200),
    )
    store = Store.in_memory()
    article = Article(id="0" * 32, url="http://a.test/1", submitted_at=1.0, token=1, hops=hops)
    store.write(article, "a.test", Result(outcome=Outcome.ENRICHED, stage="fetch", settled_at=2.0))
    row = store.row("0" * 32)
    store.close()
    assert row
    assert [fact for fact in _settled_facts(row) if fact[0].startswith("hop")] == [
        ("hop 1", "302 http://a.test/1 -> redirect (User-Agent: newsmill/1)"),
        ("hop 2", '200 http://a.test/2 -> refresh (Cookie: sid, x; If-None-Match: "v1")'),
        ("hop 3", "200 http://a.test/3"),
    ]
