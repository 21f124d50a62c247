"""`celery -A workers.app ...`: the application of this process's settings."""

from importlib.util import find_spec
from pathlib import Path


def check_packages() -> None:
    """End the process with a message if a file in the working folder hides one of newsmill's packages.

    Celery puts the working folder first in `sys.path`, and its tutorial calls the first file `tasks.py`.
    """
    home = Path(__file__).resolve().parents[1]
    for name in ("tasks", "monitoring", "seeds"):
        found = find_spec(name)
        if found is None or not found.origin or Path(found.origin).resolve() != home / name / "__init__.py":
            where = found.origin if found and found.origin else f"a folder {name} without __init__.py"
            raise SystemExit(
                f"newsmill: {where} hides newsmill's own package {name}. Start Celery in another folder, "
                "or use `newsmill worker`, which does not import from there."
            )


check_packages()

from workers.delivery.celery_app import make_app  # noqa: E402 - after the check
from workers.settings import load_settings  # noqa: E402

app = make_app(load_settings())
