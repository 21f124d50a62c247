"""Metrics (catalogue.py, metrics.py), how they are served (exporter.py), dashboards and alerts."""
