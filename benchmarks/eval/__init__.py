"""How good what comes out is: the table of `make eval`, a module for each stage.

A stage's module has `rows(data)`, which yields what it measured. `data` is the folder that NEWSMILL_DATA names, None
without one; the project's own small sets are beside this file and in seeds/demo.
"""
