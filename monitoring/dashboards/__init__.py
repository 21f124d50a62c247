"""What Grafana shows, as code: `python -m monitoring.dashboards` writes monitoring/grafana/dashboards/*.json.

panels.py is the vocabulary, pipeline.py and workers.py say what is shown, runbook.py puts docs/runbook.md a
click away, and grafana.py alone knows Grafana's SDK, a development dependency: newsmill runs without it.
"""
