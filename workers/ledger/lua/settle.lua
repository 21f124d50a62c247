-- ARGV: id, token, the outcome's letter, '1' if its hosts answered (their failures in a row are over), host concurrency.
-- Releases the lease for good. Returns 1, or 0 where the lease is another attempt's by now.
even_if_full()
local id = ARGV[1]
local record = leased(id, ARGV[2])
if not record then return 0 end
local now, concurrency = now_ms(), tonumber(ARGV[5])
if ARGV[4] == '1' then
  redis.call('HDEL', host_key(record.host), 'fails')
  for _, guest in ipairs(record.guests or {}) do redis.call('HDEL', host_key(guest), 'fails') end
end
unlease(id, record, concurrency, now)
set_state(id, ARGV[3])
count(ARGV[3], 1)
age(record, -1)
redis.call('DEL', P .. 'body:' .. id)
refresh_host(record.host, concurrency, now)
return 1
