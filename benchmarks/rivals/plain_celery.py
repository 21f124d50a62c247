"""A plain Celery build of the same five stages, for comparison: a task for each, page and text in the messages.

Celery's default settings, the same libraries, newsmill's own tagger. systems.py starts it as
`celery -A benchmarks.rivals.plain_celery worker`; `PLAIN_CELERY_REDIS` is the URL of its Redis.
"""

import os
from hashlib import sha256
from typing import Any

import langdetect
import redis
import urllib3
from celery import Celery, chain
from trafilatura import bare_extraction

from tasks.article import Article
from tasks.topics.stage import tag_topics
from tasks.topics.taggers import load_tagger

langdetect.DetectorFactory.seed = 0
app = Celery("plain_celery", broker=os.environ.get("PLAIN_CELERY_REDIS", "redis://"))
client = redis.Redis.from_url(app.conf.broker_url)
pool = urllib3.PoolManager()
tagger = load_tagger()


@app.task(ignore_result=True)
def fetch(url: str, port: int) -> dict[str, Any]:
    """Fetch the page; every host is this machine."""
    host, _, path = url.removeprefix("http://").partition("/")
    answer = pool.request("GET", f"http://127.0.0.1:{port}/{path}", headers={"Host": host})
    return {"url": url, "page": answer.data.decode("utf-8", "replace")}


@app.task(ignore_result=True)
def extract(document: dict[str, Any]) -> dict[str, Any]:
    """Extract text and metadata."""
    found = bare_extraction(document["page"], with_metadata=True, include_comments=False)
    text, title = (found.text, found.title) if found else ("", "")
    return document | {"text": text, "title": title, "date": found.date if found else None}


@app.task(ignore_result=True)
def detect_language(document: dict[str, Any]) -> dict[str, Any]:
    """Detect the language."""
    return document | {"language": langdetect.detect(document["text"]) if document["text"] else "und"}


@app.task(ignore_result=True)
def dedupe(document: dict[str, Any]) -> dict[str, Any]:
    """Find exact copies."""
    content = sha256(document["text"].encode()).hexdigest()
    return document | {"duplicate": not client.sadd("contents", content)}


@app.task(ignore_result=True)
def tag(document: dict[str, Any]) -> None:
    """Tag topics, and store the row."""
    article = Article(
        id="0" * 32,
        url=document["url"],
        text=document["text"],
        title=document["title"],
        language=document["language"],
    )
    topics = tag_topics(article, tagger=tagger).topics if document["text"] else ()
    client.hset("rows", document["url"], repr((document["text"], document["title"], topics)))
    client.incr("done")


def submit(urls: list[str], port: int) -> None:
    """Publish a chain for each URL."""
    for url in urls:
        chain(fetch.s(url, port), extract.s(), detect_language.s(), dedupe.s(), tag.s()).apply_async()
