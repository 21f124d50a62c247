"""How articles are processed: ledger, Celery tasks, scheduler, store and command line."""
