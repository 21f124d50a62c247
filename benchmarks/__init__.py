"""Every figure in the documentation, each a command.

stages   quality and CPU cost of one stage, beside the library it is built on
system   the running system: throughput, latency, the ledger, growth, memory over time
rivals   newsmill beside bare libraries, a plain Celery build, datatrove and news-please

`python -m benchmarks` (`make bench`) prints the comparison with goals.
"""
