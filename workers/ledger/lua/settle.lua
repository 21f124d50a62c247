-- ARGV: id, token, the outcome's letter, '1' if its server answered (its failures in a row are over), host concurrency, the
-- reason ('' without one), base and cap of a pause, ms, and a factor for it.
-- Releases the lease for good. Returns 1, or 0 where the lease is another attempt's by now.
--
-- A host whose pages are walls is remembered (workers/ledger/walls.py). One that blocks waits, twice as long with each page
-- that is blocked after a wait; an article ends that. Pages that were asked for before the wait began do not prolong it.
even_if_full()

local WALLS = {blocked = true, soft_404 = true, needs_javascript = true}
-- Hosts that are remembered: some 600 bytes each, 3 MB in all. Of more, those without a wall for longest are forgotten.
local MOST_WALLS = 5000

local function forget_wall(host)
  for _, name in ipairs({'last', 'blocked', 'soft_404', 'needs_javascript', 'since'}) do
    redis.call('ZREM', P .. 'walls:' .. name, host)
  end
  redis.call('HDEL', P .. 'walls:row', host)
end

local function wall(host, reason, now, base, cap, factor)
  redis.call('ZADD', P .. 'walls:last', now, host)
  redis.call('ZINCRBY', P .. 'walls:' .. reason, 1, host)
  if reason == 'blocked' then
    redis.call('ZADD', P .. 'walls:since', 'NX', now, host)
    local row, till = string.match(redis.call('HGET', P .. 'walls:row', host) or '', '^(%d+) (%d+)$')
    row, till = num(row), num(till)
    if now >= till then
      till = now + math.floor(math.min(base * 2 ^ math.min(row, 30), cap) * factor)
      local due = num(redis.call('HGET', host_key(host), 'due'))
      redis.call('HSET', host_key(host), 'due', string.format('%.0f', math.max(due, till)))
    end
    redis.call('HSET', P .. 'walls:row', host, string.format('%.0f %.0f', row + 1, till))
  end
  local excess = redis.call('ZCARD', P .. 'walls:last') - MOST_WALLS
  for _, first in ipairs(excess > 0 and redis.call('ZRANGE', P .. 'walls:last', 0, excess - 1) or {}) do forget_wall(first) end
end

local id = ARGV[1]
local record = leased(id, ARGV[2])
if not record then return 0 end
local now, concurrency = now_ms(), tonumber(ARGV[5])
if ARGV[4] == '1' then answered(record.host) end
local host = host_of(record.host)
if host ~= '' and WALLS[ARGV[6]] then
  wall(host, ARGV[6], now, tonumber(ARGV[7]), tonumber(ARGV[8]), tonumber(ARGV[9]))
elseif ARGV[3] == 'e' or ARGV[3] == 'd' then
  redis.call('ZREM', P .. 'walls:since', host)
  redis.call('HDEL', P .. 'walls:row', host)
end
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
