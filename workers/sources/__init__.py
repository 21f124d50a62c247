"""Where URLs come from: each source yields URLs and local documents, and may keep its position.

source      what a source is, and what it yields    arguments   which source an argument of a command names
lists       .txt, .csv, .jsonl, standard input      documents   pages and texts on this machine
urls        a URL on the command line               memory      a source for tests
submit      from sources to the frontier
"""
