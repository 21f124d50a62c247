-- For a server of the index of contents. ARGV: whose place it has there, such as '<store id> 1 2', '1' to take it over.
-- Notes that, unless something else is noted; returns what is noted.
even_if_full()
local key = P .. 'contents-of'
if ARGV[2] == '1' then redis.call('SET', key, ARGV[1]) else redis.call('SETNX', key, ARGV[1]) end
return redis.call('GET', key)
