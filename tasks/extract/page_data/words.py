"""What the names of keys and of types say. Programmers write them in English, whatever language the site is in."""

import re
from functools import lru_cache


def in_order(names: str) -> tuple[str, ...]:
    """Return the names in a text, which are separated by white space."""
    return tuple(names.split())


def named(names: str) -> frozenset[str]:
    """Return the set of the names in a text."""
    return frozenset(in_order(names))


_KEY = re.compile(r"[\w$-]{1,60}")
_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")

#: Words of keys under which a text is not the page's article: what is beside it, what is said of it, what a program needs.
ASIDE = named("""
    ad ads advert advertisement advertising alert alerts analytics author authors banner bio breadcrumb breadcrumbs categories category comment comments
    config configuration consent cookie cookies copyright cta css disclaimer excerpt faq faqs feedback footer form forms gdpr
    i18n intl labels legal locale locales login menu menus messages modal modals more most navigation nav newsletter newsletters
    onboarding paywall personalization player poll popular popup previous privacy product products promo promos promotion quiz
    rail ranking recirculation recommendation recommendations recommended related replies reviews schema seo settings sidebar
    signup similar sponsor strings style styles subscribe subscription subscriptions summary svg tag tags teaser teasers terms theme toast topic topics
    tooltip tracking translation translations trending tts user users video videos widget widgets
    """)
#: Words of keys that hold the text of an article.
BODY = named("""
    article articlebody blocks body bodies components content contents copy document elements fulltext html main markup
    paragraphs post richtext sections story text texts value
    """)
#: Words of the type of a node whose text is no part of the article.
NOT_TEXT = named("""
    ad ads advert advertisement asset audio author authors banner break breadcrumb button byline callout caption carousel code comment
    comments credit cta dfp divider embed embedded figure figcaption form gallery graphic iframe image images infobox
    interactive interstitial linklist map media meta newsletter oembed outbrain paywall photo photos picture player podcast poll
    product promo quiz readmore recirc recommendation recommended related script share sharing sidebar signup slideshow
    social sponsored style subscribe summary svg tagline teaser toc timestamp tweet twitter video videos youtube instagram
    facebook tiktok
    """)
HEADING = named(
    "heading header headline subhead subheading subheadline subtitle crosshead crossheading h1 h2 h3 h4 h5 h6"
)
QUOTE = named("quote blockquote pullquote")
ITEM = named("li listitem")
#: Types of what stands in a line; all other types stand for themselves.
INLINE = named(
    "text span inline link hyperlink a b i u s em strong bold italic underline mark sub sup small fragment textinline linkinline "
    "textelement leaf urllink externallink internallink"
)


@lru_cache(4096)
def words_of(name: str) -> frozenset[str]:
    """Return the words of a key or a type in lower case: `relatedContent`, `related_content` and `relatedContent({...})` have two.

    The whole name without its separators is among them.
    """
    found = _KEY.match(name)
    if found is None:
        return frozenset()
    whole = found[0].replace("-", "").replace("_", "").lower()
    words = {word.lower() for word in _WORD.findall(found[0])}
    return frozenset((whole, *words))
