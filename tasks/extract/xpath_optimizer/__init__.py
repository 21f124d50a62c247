"""A query optimiser for trafilatura's XPath expressions: the same elements in less time.

trafilatura describes boilerplate, authors, categories and so on in more than 30 XPath expressions, and evaluates
them on every page. Two things make them slow in libxml2:

- `re:test(@class, '...')` calls from C into Python for each element, 1.5 us a call. A news page of 700 elements has 160
  distinct classes and ids.
- `*[self::div or self::p]` visits all elements and evaluates a predicate on each, instead of looking at the name alone.

So each expression is rewritten for the page that it is evaluated on, in three steps.

1. **Predicates** (predicates.py). On first use, the tests of attributes are read from the text of each expression:
   `re:test`, `contains`, `starts-with`, `=`. Of each pattern the substrings are known of which every match contains at
   least one (required_substrings.py).
2. **Attribute values** (attribute_values.py). The distinct values that a page has of each attribute are collected once.
   A test is evaluated on those that contain one of its substrings, not on every element.
3. **Rewriting** (rewriting.py). A test becomes a comparison with the values that pass it, or `false()` where none does.
   What can never be true is removed: on a news page, more than half of the expressions. Element names are tested first.

On a page with the classes `Author` and `by-line`,

    .//*[self::p or self::div][@id='x' or re:test(@class, '^by|author', 'i')]

becomes

    (descendant::p[(@class=$v0 or @class=$v1)]|descendant::div[(@class=$v0 or @class=$v1)])

`optimized_xpaths` (rewriting.py) puts the rewritten expressions into trafilatura's lists for one page. compat.py says what
this needs of trafilatura and of CPython.

Figure: without the optimiser a page's enrichment costs 41 % more CPU time (181 news pages, docs/extraction.md).
"""
