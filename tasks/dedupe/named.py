"""Which articles a page names as itself: by its canonical link, and as its AMP page.

That is evidence, and no more: pages name a section front, another site, or one and the same URL for all of their articles. So
it only lowers the bar for a near-duplicate (minhash.NAMED), and only within a site.
"""

from tasks.article import Article
from tasks.public_suffixes import same_site
from tasks.url_keys import UrlKeys


def named_by(article: Article, keys: UrlKeys) -> frozenset[str]:
    """Return the ids of the other articles of its site that the page of `article` names as itself."""
    own = article.final_url or article.url
    links = (link for link in (article.canonical_link, article.amphtml) if link and link != own)
    return frozenset(keys.id_of_request(link) for link in links if same_site(link, own)) - {article.id}
