"""How it runs: the ledger, the Celery tasks, the scheduler, the store, the command line."""
