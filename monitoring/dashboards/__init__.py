"""What Grafana shows, as code: `python -m monitoring.dashboards` writes monitoring/grafana/dashboards/*.json.

panels.py defines what a dashboard consists of. pipeline.py and workers.py define the dashboards. runbook.py makes one of
docs/runbook.md. Only grafana.py uses Grafana's SDK, a development dependency; newsmill runs without it.
"""
