-- ARGV: ms between two pulses after which Redis or all schedulers count as having been away, lease ms.
-- Schedulers call this every second. If none has for long, articles in flight could not end, through no fault of their
-- own. Then all leases begin anew, and the attempts that were running cost nothing.
-- Returns how many leases began anew.
even_if_full()
local now = now_ms()
local last = tonumber(redis.call('GET', P .. 'pulse') or now) or now
redis.call('SET', P .. 'pulse', string.format('%.0f', now))
if now - last < tonumber(ARGV[1]) then return 0 end
local ids = redis.call('ZRANGE', P .. 'leases', 0, -1)
for _, id in ipairs(ids) do
  local record = leased(id)
  if record then
    record.attempts = math.max((record.attempts or 0) - 1, 0)
    redis.call('HSET', P .. 'flight', id, cjson.encode(record))
    redis.call('ZADD', P .. 'leases', now + tonumber(ARGV[2]), id)
  end
end
return #ids
