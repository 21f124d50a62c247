"""What you can see: every metric (metrics.py) and how it is served (exporter.py)."""
