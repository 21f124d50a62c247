"""Quality of the enrichment stages: the table of `make eval`, a module for each stage.

A stage's module has `rows(data)`, which yields its scores. `data` is the folder that NEWSMILL_DATA names, or None. The
project's own small test sets are in own_sets/ and in seeds/demo.
"""
