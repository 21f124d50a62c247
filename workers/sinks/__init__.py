"""Where articles go: sinks write batches of settled articles.

sink      what a sink is, and the list of sinks   columns    the flat fields of an article and their types
jsonl, csv_file, parquet   files of an export     memory     a sink for tests
"""
