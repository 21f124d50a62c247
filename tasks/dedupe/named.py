"""Which articles a page names as itself: by its canonical link, and as its AMP page.

That is evidence, and no more: pages name a section front, another site, or one and the same URL for all of their articles. So
it only lowers the bar for a near-duplicate (minhash.NAMED), and only within a site.
"""

from urllib.parse import urlsplit

from tasks.article import Article
from tasks.public_suffixes import registered_domain
from tasks.url_keys import UrlKeys


def named_by(article: Article, keys: UrlKeys) -> frozenset[str]:
    """Return the ids of the other articles of its site that the page of `article` names as itself."""
    own = article.final_url or article.url
    links = (link for link in (article.canonical_link, article.amphtml) if link and link != own)
    return frozenset(keys.id_of_request(link) for link in links if same_site(link, own)) - {article.id}


def same_site(url: str, other: str) -> bool:
    """Tell whether two http(s) URLs are of one site: of one host, or of one domain that its owner has registered.

    `m.paper.co.uk` and `www.paper.co.uk` are one site, two names under `co.uk` or `github.io` are not, by the public suffix
    list.
    """
    one, two = (urlsplit(each).hostname or "" for each in (url, other))
    if one == two:
        return bool(one)
    if one[-1:].isdigit() or two[-1:].isdigit():  # addresses; no top-level domain ends with a digit
        return False
    domain = registered_domain(one) if one and two else None
    return domain is not None and domain == registered_domain(two)
