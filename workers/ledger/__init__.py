"""What waits, what is leased, what was seen, and who has which content: Lua scripts in Redis, and their callers.

frontier       the calls of the ledger            entries        what it keeps and hands out
lookups        questions that change nothing      scripts        the Lua scripts
settle         how an article ends                submit         URLs into the frontier, in batches
bodies         pages and texts between tasks      content_index  which article has which content
rate_limit     one request budget a host          robots_cache   robots.txt files
redis_client   connections                        compat         redis-py's insides
"""
