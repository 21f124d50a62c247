"""Stage 1, fetch: the page at a URL, had politely, safely, and within bounds.

stage               the stage itself                      fetchers           who reads which URL
addresses, lookup   which addresses may be connected to   connection, idle   sockets, metered and kept
budget              seconds and bytes                     client, answer     one GET
redirects           hop by hop                            decoding           Content-Encoding, bounded
robots, rate_limit  whether, and when                     status, sniff      what came back
revisits            whether it has changed                opt_outs           what the page asks of machines
"""

from tasks.stage import Pool, Stage

STAGE = Stage(
    name="fetch",
    run="tasks.fetch.stage:fetch",
    queue="fetch",
    pool=Pool.THREADS,
    adds=(
        *(
            "final_url",
            "status",
            "content_type",
            "charset",
            "etag",
            "last_modified",
            "opt_outs",
            "fetched_at",
        ),
        *("checked_at", "html"),
    ),
)
