"""Where URLs come from: each source yields URLs and local documents, and may remember how far it was read.

source      what a source is, and what it yields    arguments   which source a command's argument names
lists       .txt, .csv, .jsonl, standard input      documents   pages and texts that lie on this machine
urls        a URL on the command line               memory      a source for tests
submit      from sources to the frontier
"""
