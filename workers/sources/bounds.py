"""How much of a list is in memory at once. What is larger is refused, and reading goes on after it."""

#: Bytes read, unpacked or decoded in one step.
BLOCK = 256 * 1024

#: Longest line, and longest row of a table with line breaks in its cells, in bytes of UTF-8. The longest URL, 8,192
#: characters, has 32 KB at most; a row with the text of an article beside its URL has some 10 KB, of a book 1 MB.
LONGEST_LINE = 1024 * 1024
#: Most columns of a table. A file with more is usually read with the wrong delimiter.
MOST_COLUMNS = 1_000
#: Most lists and objects in each other in a row's other keys. Python's own limit is at 1,000 calls, and stages, sinks
#: and databases each take several for a level.
DEEPEST = 32
#: Lines examined to tell the delimiter and the columns of a table.
EXAMINED_LINES = 20
#: Bytes of a .txt that are examined to tell a list of URLs from the text of an article.
EXAMINED_BYTES = 64 * 1024
#: Characters of a refused line that are kept, to be shown and written: the longest URL fits.
LONGEST_REFUSED = 10_000
#: Most columns or keys that a message names, and characters of each.
MOST_NAMED, LONGEST_NAME = 20, 40
