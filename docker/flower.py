"""Options of Flower: only who knows the password that docker/password.sh wrote gets in; the user is newsmill.

In a file: `ps` shows command lines, `docker inspect` the environment, and a comma there would end the password.
"""
# ruff: noqa: INP001 - mounted into the container by itself

from pathlib import Path

basic_auth = ["newsmill:" + Path("/run/newsmill-flower/password").read_text("utf-8")]
