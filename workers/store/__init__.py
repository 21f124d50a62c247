"""What became of every URL: rows in SQLite or PostgreSQL, by the same code.

store       the whole, to write or only to read     schema, migrations/   the tables, and how they came to be
articles    rows, written under a fencing token     rows, filters         an article as a row; which rows
documents   local documents that wait               cursors               how far each source was read
statistics  counts and rates                        engine                connections, and what is an outage
"""
