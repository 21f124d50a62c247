-- ARGV: how many, max in flight, lease ms, host interval ms, host concurrency.
-- Returns id, JSON, id, JSON, ... of the articles it leased: by priority, then by the time at which their host was due.
-- A full Redis refuses it before it changes anything: what it leased could not be published.
redis.call('SETRANGE', P .. 'nothing', 0, '')
local want, max_in_flight, lease_ms = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local interval, concurrency = tonumber(ARGV[4]), tonumber(ARGV[5])
local now = now_ms()
since_failover()  -- before it gives tokens

-- Deferred articles that are due go to the head of their queue.
local due = redis.call('ZRANGEBYSCORE', P .. 'later', '-inf', now, 'LIMIT', 0, 200)
for _, id in ipairs(due) do
  local record = cjson.decode(redis.call('HGET', P .. 'deferred', id))
  redis.call('ZREM', P .. 'later', id)
  redis.call('HDEL', P .. 'deferred', id)
  count('deferred', -1)
  put_back(id, record)
  refresh_host(record.host, concurrency, now)
end

local room = math.min(want, max_in_flight - redis.call('ZCARD', P .. 'leases'))
local claimed = {}

local function claim_from(host, priority)
  local entry = redis.call('LPOP', queue_key(priority, host))
  if not entry then return false end
  local id, record = string.sub(entry, 1, 16), cjson.decode(string.sub(entry, 17))
  record.host, record.priority = host, priority
  redis.call('HINCRBY', host_key(host), 'n', 1)
  local pace = tonumber(redis.call('HGET', host_key(host), 'pace') or 0)
  redis.call('HSET', host_key(host), 'due', now + math.max(interval, pace))
  lease(id, record, now, lease_ms)
  count('waiting', -1)
  claimed[#claimed + 1] = id
  claimed[#claimed + 1] = cjson.encode(record)
  room = room - 1
  return true
end

for _, priority in ipairs(PRIORITIES) do
  local hosts = room > 0 and redis.call('ZRANGEBYSCORE', P .. 'ready:' .. priority, '-inf', now, 'LIMIT', 0, room) or {}
  for _, host in ipairs(hosts) do
    if host == '' then
      -- Local documents have no host, so no limit of one.
      while room > 0 and claim_from(host, priority) do end
    else
      claim_from(host, priority)
    end
    refresh_host(host, concurrency, now)
    if room <= 0 then break end
  end
end
return claimed
