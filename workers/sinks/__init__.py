"""Where articles go: batches of settled articles, written out.

sink      what a sink is, and those there are     columns    the fields of an article, flat, and their types
jsonl, csv_file, parquet   files of an export     memory     a sink for tests
"""
