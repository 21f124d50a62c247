-- ARGV: lease ms, max attempts, host concurrency, how many at most, then ids whose message waits in a queue.
-- Renews the lease of an article whose message waits in a queue when half of its time is over, so that a worker that
-- takes the message has the other half to start. Puts back articles whose lease has expired. An article without an
-- attempt left gets a new lease instead, for the caller to settle it. A record that nobody can read is set aside: its host's
-- place is free again after recount.lua.
-- Returns {how many were put back, how many were set aside, id, JSON, id, JSON, ...}, with those without an attempt left.
even_if_full()
local lease_ms, max_attempts, concurrency = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local now = now_ms()
local queued = {}
for i = 5, #ARGV do queued[ARGV[i]] = true end
local lost, unreadable, spent = 0, 0, {}
local found = redis.call('ZRANGEBYSCORE', P .. 'leases', '-inf', now + lease_ms / 2, 'WITHSCORES', 'LIMIT', 0, tonumber(ARGV[4]))
for i = 1, #found, 2 do
  local id, deadline = found[i], num(found[i + 1])
  local record, text = leased(id)
  if not record then
    redis.call('ZREM', P .. 'leases', id)
    if text then
      redis.call('HDEL', P .. 'flight', id)
      set_record_aside('in flight', id, text, now)
      unreadable = unreadable + 1
    end
  elseif queued[id] then
    redis.call('ZADD', P .. 'leases', now + lease_ms, id)
  elseif deadline <= now then
    remember(record, {at = now, event = 'lost', stage = record.task and record.stage or ''})
    if record.task and (record.attempts or 0) >= max_attempts then
      lease(id, record, now, lease_ms)
      spent[#spent + 1] = id
      spent[#spent + 1] = cjson.encode(record)
    else
      unlease(id, record, concurrency, now)
      put_back(id, record)
      refresh_host(record.host, concurrency, now)
      lost = lost + 1
    end
  end
end
table.insert(spent, 1, unreadable)
table.insert(spent, 1, lost)
return spent
