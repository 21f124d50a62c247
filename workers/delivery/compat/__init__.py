"""What newsmill uses of Celery, kombu and billiard beyond their documented interfaces: private names, replaced methods.

Each module says what it uses and why, what that gives, for which versions, and what breaks without it. Canaries in
tests/integration/test_compat_*.py fail where a library renames such a part, or calls it no more. docs/upstream.md lists
what to offer to each project.

kombu_transport    a Redis that is full or away; one client a channel
kombu_connection   connection attempts every second
kombu_keys         names and layout of kombu's keys in Redis
kombu_unacked      copies of messages that dead workers have left
billiard_pool      dead processes: noticed at once, and counted
celery_worker      a worker's pool, its running tasks, and how it stops
celery_messages    the messages of a chain
celery_events      task events for stages that run in place
"""
