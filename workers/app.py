"""`celery -A workers.app ...`: the application of this process's settings."""

from workers.delivery.celery_app import make_app
from workers.settings import load_settings

app = make_app(load_settings())
