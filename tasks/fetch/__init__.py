"""Stage 1, fetch: the content of a URL, fetched politely, safely and within limits.

stage               the stage itself                      fetchers           which fetcher gets which URL
web                 fetcher: http and https               local_file         fetcher: submitted documents
client              sends one GET                         response           its response
redirects           from URL to URL                       hops               what is noted of each
cookies             those of one fetch                    cookie_dates       when they expire
refresh             pages that only lead on               skim               what such a page shows
head                the beginning of a page               conditional_get    only if the page has changed
robots              whether a URL may be fetched          rate_limit         when its host may be asked
addresses           which addresses are allowed           resolver           host names to addresses
connection          one connection, within the budget     connection_pool    connections kept open
message             a response of HTTP/1                  headers            its header section, line by line
budget              limits of seconds and bytes           layers             the encodings of a body, by its first bytes
decoding            one encoding, within limits
status              what each HTTP status means           content_type       what a body is
opt_outs            what a page asks of machines          memory             in-memory twins, for tests
compat              undocumented parts of libraries
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
            "hops",
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
