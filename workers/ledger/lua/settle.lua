-- ARGV: id, token, the outcome's letter, '1' if its server answered (its failures in a row are over), host concurrency.
-- Releases the lease for good. Returns 1, or 0 where the lease is another attempt's by now.
even_if_full()
local id = ARGV[1]
local record = leased(id, ARGV[2])
if not record then return 0 end
local now, concurrency = now_ms(), tonumber(ARGV[5])
if ARGV[4] == '1' then answered(record.host) end
weigh(record, nil)
unlease(id, record, concurrency, now)
set_state(id, ARGV[3])
count(ARGV[3], 1)
age(record, -1)
redis.call('DEL', P .. 'body:' .. id)
refresh_host(record.host, concurrency, now)
if redis.call('ZCARD', P .. 'leases') == 0 then
  -- What a program of an older version has settled, or nobody could read, is still counted. With nothing left there is none.
  local left = redis.call('HMGET', P .. 'counts', 'waiting', 'deferred')
  if num(left[1]) == 0 and num(left[2]) == 0 then
    redis.call('HDEL', P .. 'counts', 'history')
    redis.call('DEL', P .. 'ages')
  end
end
return 1
