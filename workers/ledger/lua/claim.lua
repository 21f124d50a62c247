-- ARGV: how many, max in flight, lease ms, host interval ms, host concurrency.
-- Returns id, JSON, id, JSON, ... of the articles it leased: by priority, then by the time at which their host was due.
-- A full Redis refuses it before it changes anything: what it leased could not be published.
redis.call('SETRANGE', P .. 'nothing', 0, '')
-- While URLs get new ids, nothing may be in flight under an old one (workers/ledger/rekey.py).
if redis.call('EXISTS', P .. 'rekey') == 1 then return {} end
local want, max_in_flight, lease_ms = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local interval, concurrency = tonumber(ARGV[4]), tonumber(ARGV[5])
local now = now_ms()
since_failover()  -- before it gives tokens

-- Deferred articles that are due go to the head of their queue.
local due = redis.call('ZRANGEBYSCORE', P .. 'later', '-inf', now, 'LIMIT', 0, 200)
for _, id in ipairs(due) do
  local text = redis.call('HGET', P .. 'deferred', id)
  local record = text and readable(text)
  redis.call('ZREM', P .. 'later', id)
  if redis.call('HDEL', P .. 'deferred', id) == 1 then count('deferred', -1) end
  if record and record.host and record.priority then
    put_back(id, record)
    refresh_host(record.host, concurrency, now)
  elseif text then
    set_record_aside('deferred', id, text, now)
  end
end

local room = math.min(want, max_in_flight - redis.call('ZCARD', P .. 'leases'))
local claimed = {}
-- URLs of a denied host that are taken at once, so that those of others are, too.
local DENIED_AT_ONCE = 10
-- How long a host that an operator has paused is not looked at again, ms.
local PAUSED_LOOK = 3000

-- Leases the next article of a server; returns whether there was one.
local function claim_from(server, priority)
  -- After failures in a row, from the other end each time: the next URL is another kind of page, if there is one. So a few
  -- bad pages beside each other do not look like a server in trouble.
  local fails = num(redis.call('HGET', host_key(server), 'fails'))
  local entry = redis.call(fails % 2 == 1 and 'RPOP' or 'LPOP', queue_key(priority, server))
  if not entry then return false end
  local id, text = string.sub(entry, 1, 16), string.sub(entry, 17)
  local record, key = readable(text), host_key(host_of(server))
  count('waiting', -1)
  if not record then
    set_record_aside('waiting', id, text, now)
    return true
  end
  record.host, record.priority = server, priority
  redis.call('HINCRBY', host_key(server), 'n', 1)
  redis.call('HDEL', key, 'yielded')
  local rule = host_rule(host_of(server))
  if rule.deny ~= true then
    redis.call('HSET', key, 'due', now + math.max(rule.interval or interval, num(redis.call('HGET', key, 'pace'))))
  end
  lease(id, record, now, lease_ms)
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
      -- The other scheme of the host may have had its turn in this very round.
      local due = redis.call('ZSCORE', P .. 'ready:' .. priority, host)
      local rule = host_rule(host_of(host))
      if due and num(due) <= now then
        if rule.pause == true and rule.deny ~= true then
          redis.call('HSET', host_key(host_of(host)), 'due', now + PAUSED_LOOK)
        else
          local left = rule.deny == true and DENIED_AT_ONCE or 1
          while left > 0 and room > 0 and claim_from(host, priority) do left = left - 1 end
        end
      end
    end
    refresh_host(host, concurrency, now)
    if room <= 0 then break end
  end
end
return claimed
