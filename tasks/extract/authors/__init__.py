"""Who wrote an article, from what its page states and shows."""

from tasks.extract.authors.choice import Authors, authors_in, authors_of
from tasks.extract.authors.names import Found, names_in

__all__ = ["Authors", "Found", "authors_in", "authors_of", "names_in"]
