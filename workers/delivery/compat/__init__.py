"""Where newsmill reaches into Celery, kombu and billiard: private names and replaced parts, each in one place.

Each module says what it reaches for and why, what that gives, for which versions, and what breaks without it; its
canary in tests/integration/test_compat_*.py fails where the library renames the part or calls it no more.

kombu_transport    fewer commands a message, and a Redis that is away
kombu_connection   a connection that is back within a second
kombu_unacked      copies of messages that nobody will acknowledge
billiard_pool      processes that end: noticed at once, and counted
celery_worker      a worker's pool, its running tasks, and how it stops
celery_messages    the next message of a chain
"""
