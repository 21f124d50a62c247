"""The routes of all pages: the stories, and the troubles of troubles.toml."""

from functools import partial
from itertools import pairwise
from string import Template

from seeds.demo import answers
from seeds.demo.pages import TEMPLATES, front_page, story_page
from seeds.demo.sites import load_sites
from seeds.demo.stories import Story, load_stories
from seeds.demo.web import Reply, Request, Route

#: Redirects in the chain that is too long. RFC 9110, 15.4: earlier clients expected five at most.
_LONG_WAY = 8


def build_routes() -> dict[str, Route]:
    """Return the route of every page of the demo, by `host/path`."""
    stories = {story.address: partial(_story, story) for story in load_stories()}
    return _troubles() | _redirects() | stories | _late_stories(dict(stories))


def robots_for(host: str) -> Reply:
    """Return the robots.txt (RFC 9309) of `host`: what its site disallows; everything is allowed on other hosts."""
    site = load_sites().get(host)
    lines = ["User-agent: *", *(f"Disallow: {path}" for path in site.disallow)] if site else ["User-agent: *"]
    if len(lines) == 1:
        lines.append("Disallow:")
    return Reply(headers={"Content-Type": "text/plain"}, body="\n".join([*lines, ""]).encode())


def _story(story: Story, request: Request) -> Reply:
    """Answer with the page of `story`."""
    site = load_sites()[story.site]
    return Reply(headers={"Content-Type": site.content_type}, body=story_page(story, site, request.port))


def _late_stories(stories: dict[str, Route]) -> dict[str, Route]:
    """Return the stories that a server answers only at the second request."""
    busy = answers.status(503, _notice("503 Service Unavailable", "The presses are warming up."))
    slow_down = answers.status(429, _notice("429 Too Many Requests", "One at a time, please."), retry_after=1)
    troubles = {"islander.test": busy, "nightowl.test": slow_down}
    return {
        address: answers.first(troubles[host], route)
        for address, route in stories.items()
        if (host := address.partition("/")[0]) in troubles
    }


def _troubles() -> dict[str, Route]:
    """Return the pages that are no stories."""
    notice = _notice
    return {
        "harbourpost.test/news/2016/ferry-timetable-summer": answers.status(
            404, notice("Page not found", "The page you are looking for has sailed.")
        ),
        "meridianwire.test/en/2017/withdrawn-notice": answers.page(
            notice(
                "Page not found", "The page you are looking for was withdrawn, or does not exist any more."
            )
        ),
        "plazamayor.test/suscriptores/cronica-de-la-feria": answers.status(
            403, notice("Solo para suscriptores", "Inicie sesi\u00f3n para leer esta cr\u00f3nica.")
        ),
        "landbote.test/cgi-bin/teekanne.pl": answers.status(418, notice("418", "Ich bin eine Teekanne.")),
        "harbourpost.test/members/harbour-supper-club": answers.page(
            notice("Harbour Supper Club", "Members dine at eight; the menu is for members' eyes only.")
        ),
        "landbote.test/amtsblatt/2024-11.pdf": answers.pdf("Amtsblatt der Gemeinde Oberwies, Nr. 11"),
        "harbourpost.test/sitemap.txt": partial(_sitemap, "harbourpost.test"),
        "deuxrives.test/economie/": partial(_front, "deuxrives.test"),
        "scoregrid.test/match/48213": answers.page(_read("scoregrid.html")),
        "encore.test/setlist": answers.bomb(),
        "tidegauge.test/live": answers.drip(),
        "crowded.test/queue": answers.status(429, notice("429", "Please queue."), retry_after=1),
        "overloaded.test/election-night": answers.status(
            503, notice("503", "Everybody wants to know."), retry_after=1
        ),
        "nokeeper.test/robots.txt": answers.status(500, notice("500", "The gatekeeper has gone home.")),
        "nokeeper.test/gate": answers.page(notice("The gate", "Nobody may know whether you may pass.")),
        "lockkeepers.test/vote": answers.broken_off(),
        "longlist.test/ballots": answers.endless_paragraphs(),
        "minutebook.test/minutes": answers.lists_within_lists(),
        "tollgate.test/bridge/fees": answers.page(_read("challenge.html")),
    }


def _redirects() -> dict[str, Route]:
    """Return the redirects: to a story, in a loop, too many, and to targets that must not be followed."""
    story = "http://meridianwire.test:{port}/en/2025/04/hearing-aid-open-design"
    chain = ["/s/7fk2q", "/go/7fk2q?from=newsletter", "/go/7fk2q?from=newsletter&seen=1"]
    circle = ["/s/roundabout", "/s/second-exit", "/s/third-exit", "/s/roundabout"]
    long_way = [f"/s/long-way/{hop}" for hop in range(_LONG_WAY + 1)]
    hops = [*pairwise(chain), (chain[-1], story), *pairwise(circle), *pairwise(long_way)]
    hops += [
        ("/s/archive", "ftp://ftp.harbourpost.test/archive/1998.zip"),
        ("/s/mailroom", "http://harbourpost.test:25/"),
        ("/s/metadata", "http://169.254.169.254/latest/"),
    ]
    routes = {f"signpost.test{path}": answers.redirect(target) for path, target in hops}
    return routes | {f"signpost.test{long_way[-1]}": answers.page(_notice("Arrived", "That took a while."))}


def _front(host: str, request: Request) -> Reply:
    """Answer with a front page of `host`: headlines and teasers, no story."""
    site = load_sites()[host]
    return Reply(headers={"Content-Type": site.content_type}, body=front_page(site, request.port))


def _sitemap(host: str, request: Request) -> Reply:
    """Answer with the URLs of the stories of `host`, as text."""
    lines = [f"http://{host}:{request.port}{story.path}\n" for story in load_stories() if story.site == host]
    return Reply(headers={"Content-Type": "text/plain"}, body="".join(lines).encode())


def _notice(title: str, sentence: str) -> str:
    """Return a page that says one sentence."""
    return Template(_read("notice.html")).substitute(title=title, sentence=sentence)


def _read(name: str) -> str:
    """Return the text of the template file `name`."""
    return (TEMPLATES / name).read_text(encoding="utf-8")
