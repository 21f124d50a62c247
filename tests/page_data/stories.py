"""What the shells are made of: stories, what stands beside them in a page's data, and the page around the scripts."""

import html
import json
from typing import Any, NamedTuple


class Story(NamedTuple):
    """An article as its author wrote it."""

    title: str
    slug: str
    author: str
    day: str
    paragraphs: tuple[str, ...]


STORY = Story(
    "Harbor Falls raises its levees after the spring flood",
    "harbor-falls-raises-levees",
    "Ada Quinn",
    "2025-04-16",
    (
        (
            "The council of Harbor Falls voted on Monday to raise the levees along the river by half a metre, after the water "
            "had reached the market square twice within three weeks."
        ),
        (
            "The works cost four million and begin in June. “We cannot wait for the next flood,” said the mayor, Jonas Wells, "
            "who had asked for <more> money & a longer wall."
        ),
        (
            "Two of the nine councillors voted against the plan. They fear that the wall only moves the water to the villages "
            "further down the river, which have no levees of their own."
        ),
        "The state pays sixty per cent. The rest is a loan over twenty years, which the finance committee agreed to last week.",
        (
            "Engineers of the water board had measured the old levee after the flood of March. In four places the ground had "
            "given way, and the report calls one of them dangerous."
        ),
    ),
)
NORDIC = Story(
    "Kommunen lukker to skoler på Østøya",
    "kommunen-lukker-to-skoler",
    "Åse Bjørnstad",
    "2024-11-02",
    (
        (
            "Kommunestyret vedtok torsdag å legge ned to av de fire skolene på Østøya. Flertallet viser til at elevtallet har "
            "falt med en tredjedel på ti år."
        ),
        (
            "Foreldrene reagerer kraftig. De mener at skoleveien blir for lang for de minste, og at ferjen står for ofte om "
            "vinteren til at noen kan stole på den."
        ),
        (
            "Ordføreren sier at sparingen er nødvendig. Uten den må kommunen kutte i hjemmetjenesten, og det vil hun ikke være "
            "med på i denne perioden."
        ),
        "Vedtaket gjelder fra høsten. En klage er allerede varslet, og statsforvalteren får saken på bordet i desember.",
    ),
)
TEASERS = [
    {
        "title": f"Another headline, number {number}",
        "slug": f"another-{number}",
        "publishedAt": "2025-04-15T08:00:00Z",
        "excerpt": f"What happened in case {number} is told in this short text, which only leads to the page with the story itself.",
        "author": {"name": "Someone Else"},
    }
    for number in range(12)
]
COMMENTS = [
    {
        "id": number,
        "user": {"name": f"reader{number}", "avatar": "/a.png"},
        "createdAt": "2025-04-16T20:00:00Z",
        "likes": number,
        "body": "I have lived at the river for forty years, and I have never seen the council agree on anything so fast. "
        "Let us hope that they think of the villages this time, and of all those who have to pay for it in the end. "
        * 3,
    }
    for number in range(9)
]
CONFIG = {
    "api": "https://api.example/v1",
    "features": {"dark": True, "ads": False},
    "i18n": {
        f"message.{number}": f"This is the text of message number {number}. Please try again later."
        for number in range(40)
    },
    "newsletter": {
        "title": "Our newsletter",
        "body": "<p>Every morning we write to you what matters in the city. You can leave at any time, by one click.</p>"
        "<p>We keep your address for as long as you read us. We never give it to anybody else, and you may ask us for all that we "
        "have about you at any time.</p>" * 3,
    },
    "consent": {
        "title": "We value your privacy",
        "text": "We and our partners store cookies on your device. " * 20,
    },
}


def page(
    story: Story, scripts: str, *, title: str = "", head: str = "", root: str = '<div id="app"></div>'
) -> str:
    """Return an empty shell with the `scripts`."""
    name = html.escape(title or f"{story.title} | The Courier")
    return (
        f'<!DOCTYPE html><html><head><meta charset="utf-8"><title>{name}</title>{head}</head>'
        f"<body>{root}<noscript>You need to enable JavaScript to run this app.</noscript>{scripts}"
        "<script>window.dataLayer=[];function gtag(){dataLayer.push(arguments)}</script></body></html>"
    )


def data(value: Any, *, id_: str = "", kind: str = "application/json") -> str:
    text = json.dumps(value, ensure_ascii=False).replace("</", "<\\/")
    return f'<script{f" id={id_}" if id_ else ""} type="{kind}">{text}</script>'


def script(code: str) -> str:
    return f"<script>{code}</script>"


def js(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False).replace("<", "\\u003c")


def body_html(story: Story) -> str:
    first, *rest = (f"<p>{html.escape(text, quote=False)}</p>" for text in story.paragraphs)
    return f'{first}<figure><img src="/x.jpg"><figcaption>The old levee</figcaption></figure>{"".join(rest)}'
