"""Where URLs come from: each source yields URLs and local documents, and may keep its position.

source      what a source is, and what it yields    arguments   which source an argument of a command names
submit      from sources to the frontier            report      what is refused, skipped and decided
urls        a URL on the command line               memory      a source for tests
lists       files of URLs, and standard input       reading     what the user says about them
documents   pages and texts on this machine         folders     those in a folder
sidecars    what is beside a saved page             polling     when to read a source again

A list passes these, each of which bounds what it has in memory (bounds):

unpacked    .gz, .bz2, .xz, .zst                    encodings   UTF-16 and others to UTF-8
lines       its lines, those not in UTF-8, too      records     the rows of a table
delimiters  what separates columns                  tables      .csv, .tsv: which column has the URL
json_lines  .jsonl: which key has it                listed      what a URL in a list looks like
extras      what is kept of other columns and keys
"""
