"""What the optimiser uses of other projects that they do not promise to keep.

**trafilatura 2.3** (pyproject.toml: below 2.4). `trafilatura.xpaths` holds module-level lists of compiled expressions;
trafilatura's functions read them from the list at each call, so that the content of a list can be replaced.

- Figure: without the optimiser a page's enrichment costs 41 % more (docs/extraction.md).
- What breaks: if the lists become tuples, or are copied on import, replacing their content fails or has no effect. Only
  speed is lost. If `REGEXP_NS` is renamed, the import fails.
- Canary: test_extract_compat.py, `test_each_list_of_expressions_is_read_by_a_real_extraction`.

**CPython 3.11 to 3.14**. `re._parser.parse` returns the syntax tree of a regular expression, with the opcodes of
`re._constants`. There is no public way to get it.

- Figure: without the required substrings a page's enrichment costs 13 % more.
- What breaks: if it is moved, the import fails; if its opcodes change, required_substrings.py would find fewer substrings.
- Canary: test_extract_xpath_optimizer.py, `test_a_test_of_attributes_is_read`.
"""

from re._constants import AT, AT_BEGINNING, BRANCH, LITERAL, SUBPATTERN  # type: ignore[import-not-found]
from re._parser import parse  # type: ignore[import-not-found]

from lxml.etree import XPath
from trafilatura import xpaths

__all__ = ["AT", "AT_BEGINNING", "BRANCH", "LITERAL", "REGEXP_NS", "SUBPATTERN", "expression_lists", "parse"]

#: Namespace of `re:test`.
REGEXP_NS: str = xpaths.REGEXP_NS


def expression_lists() -> dict[str, list[XPath]]:
    """Return trafilatura's lists of expressions by their names; replace their content, not the lists."""
    return {name: value for name, value in vars(xpaths).items() if isinstance(value, list)}
