"""`python -m workers.cli`: the same as `newsmill`."""

from workers.cli import main

main()
