-- ARGV: lease ms, max attempts, host concurrency, how many, then ids whose message still waits in a queue.
-- Puts back what an expired lease held. What has no attempt left gets a new lease instead, and is returned for the
-- caller to settle: {how many were put back, id, JSON, id, JSON, ...}.
local lease_ms, max_attempts, concurrency = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local now = now_ms()
local queued = {}
for i = 5, #ARGV do queued[ARGV[i]] = true end
local lost, spent = 0, {}
for _, id in ipairs(redis.call('ZRANGEBYSCORE', P .. 'leases', '-inf', now, 'LIMIT', 0, tonumber(ARGV[4]))) do
  local record = leased(id)
  if not record then
    redis.call('ZREM', P .. 'leases', id)
  elseif queued[id] then
    redis.call('ZADD', P .. 'leases', now + lease_ms, id)
  else
    remember(record, {at = now, event = 'lost', stage = record.task and record.stage or ''})
    if record.task and record.attempts >= max_attempts then
      lease(id, record, now, lease_ms)
      spent[#spent + 1] = id
      spent[#spent + 1] = cjson.encode(record)
    else
      unlease(id, record)
      put_back(id, record)
      refresh_host(record.host, concurrency, now)
      lost = lost + 1
    end
  end
end
table.insert(spent, 1, lost)
return spent
