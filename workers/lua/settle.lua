-- ARGV: id, token, the outcome's letter, '1' where the host answered (its run of failures is over), host concurrency.
-- Releases the lease for good. Returns 1, or 0 where the lease is another attempt's by now.
local id = ARGV[1]
local record = leased(id, ARGV[2])
if not record then return 0 end
local now = now_ms()
unlease(id, record)
if ARGV[4] == '1' then redis.call('HDEL', host_key(record.host), 'fails') end
set_state(id, ARGV[3])
count(ARGV[3], 1)
age(record, -1)
redis.call('DEL', P .. 'body:' .. id)
refresh_host(record.host, tonumber(ARGV[5]), now)
return 1
