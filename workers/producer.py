"""The producer script: `python -m workers.producer urls.txt` is `newsmill submit urls.txt`."""

import sys

from workers.cli import main

if __name__ == "__main__":
    sys.argv.insert(1, "submit")
    main()
