"""Writes the dashboards: `python -m monitoring.dashboards`, or `make dashboards`."""

from pathlib import Path

from monitoring.dashboards.grafana import addresses, runbook_json, sheet_json
from monitoring.dashboards.pipeline import PIPELINE
from monitoring.dashboards.runbook import RUNBOOK, entries
from monitoring.dashboards.workers import WORKERS

FOLDER = Path(__file__).parents[1] / "grafana" / "dashboards"
SHEETS = (PIPELINE, WORKERS)


def files() -> dict[str, str]:
    """Return the content of every dashboard by its file name."""
    runbook = entries(RUNBOOK.read_text("utf-8"))
    to = addresses(SHEETS, runbook)
    made = {f"{sheet.name}.json": sheet_json(sheet, to) for sheet in SHEETS}
    return made | {"runbook.json": runbook_json(runbook)}


def main() -> None:
    """Write the files; none of them if a link leads nowhere."""
    for name, content in files().items():
        (FOLDER / name).write_text(content, "utf-8")


if __name__ == "__main__":
    main()
