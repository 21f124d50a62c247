"""What happens to an article: stages, plain functions from Article to Article.

Nothing in this package knows about queues, databases or metrics (tests/unit/test_layers.py holds that).
"""
