"""Pages that have data for their scripts, and no article."""

from collections.abc import Callable

from tests.page_data.stories import (
    COMMENTS,
    CONFIG,
    NORDIC,
    STORY,
    TEASERS,
    body_html,
    data,
    js,
    page,
    script,
)


def front_page() -> str:
    return page(
        STORY,
        data(
            {"props": {"pageProps": {"articles": TEASERS * 4, "hero": TEASERS[0], "config": CONFIG}}},
            id_="__NEXT_DATA__",
        ),
        title="The Courier - News from the falls",
    )


def translations() -> str:
    return page(
        STORY,
        script(
            f"window.__INITIAL_STATE__ = {js({'intl': {'messages': CONFIG['i18n'], 'title': 'Messages', 'text': 'Long strings. ' * 60}, **CONFIG})};"
        ),
        title="The Courier",
    )


def discussion() -> str:
    return page(
        STORY,
        script(
            f"window.__STATE__ = {js({'thread': {'title': 'Comments on the levees', 'count': 9, 'comments': COMMENTS}})};"
        ),
        title="Comments on the levees",
    )


def section_with_whole_articles() -> str:
    posts = [
        {"title": one.title, "content": body_html(one), "date": one.day, "author": one.author}
        for one in (STORY, NORDIC, STORY._replace(title="A third"))
    ]
    return page(
        STORY,
        data({"props": {"pageProps": {"posts": posts}}}, id_="__NEXT_DATA__"),
        title="Politics | The Courier",
    )


def not_found() -> str:
    about = {
        "title": "About the Courier",
        "text": "The Courier is a newspaper of the falls. It was founded in 1901. " * 10,
    }
    return page(
        STORY,
        data(
            {"props": {"pageProps": {"statusCode": 404, "footer": about, "latest": TEASERS}}, "page": "/404"},
            id_="__NEXT_DATA__",
        ),
        title="Page not found",
    )


def product() -> str:
    value = {
        "product": {
            "title": "Rubber boots",
            "price": 49,
            "sku": "x",
            "description": "<p>Boots for floods, of natural rubber, with a thick sole.</p>" * 12,
            "reviews": COMMENTS,
        }
    }
    return page(STORY, script(f"window.__INITIAL_STATE__={js(value)}"), title="Rubber boots - Shop")


def sign_in() -> str:
    modal = {
        "modals": {
            "privacyPolicy": {
                "title": "Privacy policy",
                "content": body_html(STORY) * 3,
                "updatedAt": "2024-01-01",
            }
        },
        "cookieConsent": CONFIG["consent"],
    }
    return page(
        STORY,
        data({"props": {"pageProps": {"translations": modal}}}, id_="__NEXT_DATA__"),
        title="Sign in | The Courier",
    )


def video() -> str:
    value = {
        "video": {
            "title": "The flood, in pictures",
            "description": "Our reporters have filmed the flood from a boat. " * 2,
            "uploadDate": "2025-04-16",
            "transcoding": [{"type": "mp4", "text": "https://v.example/a"}] * 9,
        },
        "next": TEASERS,
    }
    return page(
        STORY, script(f"window.__APOLLO_STATE__={js(value)};"), title="The flood, in pictures | Courier TV"
    )


def author_page() -> str:
    value = {
        "author": {
            "name": "Ada Quinn",
            "title": "Reporter",
            "bio": "<p>Ada Quinn writes about rivers and the towns beside them.</p>" * 6,
            "articles": TEASERS,
        }
    }
    return page(
        STORY, data({"props": {"pageProps": value}}, id_="__NEXT_DATA__"), title="Ada Quinn | The Courier"
    )


def search_results() -> str:
    hits = [
        {
            "title": one["title"],
            "url": f"/{one['slug']}",
            "text": str(one["excerpt"]) * 3,
            "date": "2025-01-01",
        }
        for one in TEASERS
    ]
    return page(
        STORY,
        script(
            f'window.__NUXT__=(function(a){{return {{data:[{{results:{js(hits)},query:a}}]}}}}("flood"));'
        ),
        title="Search: flood",
    )


def locked() -> str:
    post = {
        "title": STORY.title,
        "excerpt": STORY.paragraphs[0],
        "body": None,
        "paywall": {
            "headline": "Read on",
            "text": "<p>Subscribe for one month at the price of a coffee, and read all that we write.</p>"
            * 8,
        },
    }
    return page(STORY, data({"props": {"pageProps": {"post": post}}}, id_="__NEXT_DATA__"))


def analytics() -> str:
    value = {
        "title": STORY.title,
        "events": [
            {"type": "text", "value": f"event_{number} of the page was seen by the tracker in the frame"}
            for number in range(80)
        ],
    }
    return page(
        STORY,
        script(
            f"window.digitalData={js(value)};window.tracker={js({'body': 'function(){var a=1;return a}' * 80, 'title': STORY.title})}"
        ),
    )


NO_ARTICLE: tuple[Callable[[], str], ...] = (
    front_page,
    translations,
    discussion,
    section_with_whole_articles,
    not_found,
    product,
)
NO_ARTICLE_JUDGED: tuple[Callable[[], str], ...] = (
    sign_in,
    video,
    author_page,
    search_results,
    locked,
    analytics,
)
