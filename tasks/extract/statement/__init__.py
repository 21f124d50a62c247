"""What a page states of itself: JSON-LD, microdata, RDFa and `<meta>` elements, read once for all fields."""

from tasks.extract.statement.nodes import Node, texts_of, types_of
from tasks.extract.statement.statement import Statement, line_of, read_statement

__all__ = ["Node", "Statement", "line_of", "read_statement", "texts_of", "types_of"]
