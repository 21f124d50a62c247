"""Serve the fault site, and print its URLs: `python -m tests.fault_site [port]`, to try newsmill on it by hand.

    python -m tests.fault_site 8090 > urls.txt &
    NEWSMILL_ALLOW_NETWORKS=127.0.0.2/32 NEWSMILL_ALLOW_PORTS=80,443,8090 NEWSMILL_RESOLVE='{"test": "127.0.0.2"}' \\
        newsmill run urls.txt
"""

import sys

from seeds.http_site import Site
from tests.fault_site.fetch_cases import fetch_cases, install

if __name__ == "__main__":
    with Site(port=int(sys.argv[1]) if len(sys.argv) > 1 else 0) as site:
        install(site)
        sys.stdout.write("".join(f"{site.url('/', one.host)}\n" for one in fetch_cases()))
        sys.stdout.flush()
        site.serve_forever()
