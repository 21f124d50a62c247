-- ARGV: origin, its robots.txt (packed), ms that it may be kept.
-- Keeps the file. All files have a share of the memory: beyond it, those that were used longest ago are forgotten. They are
-- fetched again when they are needed.
even_if_full()
local files, used, total = P .. 'robots:files', P .. 'robots:used', P .. 'robots:bytes'
local now = now_ms()
-- Bytes that a file takes: its origin stands in a hash and in a sorted set, with some 150 bytes around it.
local function weight(origin)
  return redis.call('HSTRLEN', files, origin) + 2 * #origin + 150
end
local function forget(origin)
  redis.call('INCRBY', total, -weight(origin))
  redis.call('HDEL', files, origin)
  redis.call('ZREM', used, origin)
end
local origin = ARGV[1]
if redis.call('HEXISTS', files, origin) == 1 then forget(origin) end
redis.call('HSET', files, origin, string.format('%.0f ', now + tonumber(ARGV[3])) .. ARGV[2])
redis.call('ZADD', used, now, origin)
local bytes, limit = redis.call('INCRBY', total, weight(origin)), share()
for _, oldest in ipairs(redis.call('ZRANGE', used, 0, 199)) do
  local expiry = num(string.match(redis.call('HGET', files, oldest) or '', '^%d+'))
  if oldest == origin or (bytes <= limit and expiry > now) then break end
  bytes = bytes - weight(oldest)
  forget(oldest)
end
