-- ARGV: origin. Returns its robots.txt (packed), false where none is kept or it has expired, and the ms that it has left.
even_if_full()
local file = redis.call('HGET', P .. 'robots:files', ARGV[1])
if not file then return {false, 0} end
local expiry, rest = string.match(file, '^(%d+) (.+)$')
local left = num(expiry) - now_ms()
if left <= 0 then return {false, 0} end
redis.call('ZADD', P .. 'robots:used', now_ms(), ARGV[1])
return {rest, left}
