"""The outcome of every URL: rows in SQLite or PostgreSQL, by the same code.

store       the whole, to write or only to read     schema, migrations/   the tables, and the steps that make them
articles    rows, written under a fencing token     rows, filters         an article as a row; which rows
documents   local documents that wait               cursors               up to where each source was read
statistics  counts and rates                        identity              the store's id, and the ledgers it knows
engine      connections, and what is an outage
sqlite_reader, sqlite_memory                        SQLite without the right to write, and without a file
"""
