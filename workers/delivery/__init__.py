"""Delivery by Celery: the application, its tasks and messages, the runner, the scheduler, the metrics of both."""
