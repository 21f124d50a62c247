-- ARGV: id, token, host, interval ms, Crawl-delay ms (0 without one), patience ms, lease ms, host concurrency.
-- Takes a turn at `host`, the leased article's own or one that a redirect leads to. At the latter it counts as in flight,
-- too, until it is put back or settled. Renews the lease.
-- Returns {verdict, ms}: 'go' after so many ms; 'later' where that exceeds the patience, and the turn is reserved; 'busy'
-- where the host is at its concurrency; 'stale' where the lease is another attempt's.
even_if_full()
local id, host, patience = ARGV[1], ARGV[3], tonumber(ARGV[6])
local pace, concurrency = math.max(tonumber(ARGV[4]), tonumber(ARGV[5])), tonumber(ARGV[8])
local record = leased(id, ARGV[2])
if not record then return {'stale', 0} end
local now, key = now_ms(), host_key(host)
redis.call('ZADD', P .. 'leases', now + tonumber(ARGV[7]), id)

local state = redis.call('HMGET', key, 'n', 'due', 'last', 'next')
local n, due = tonumber(state[1] or 0), tonumber(state[2] or 0)
local last, next_turn = tonumber(state[3] or 0), tonumber(state[4] or 0)
local guests, mine = record.guests or {}, host == record.host
local held = mine
for _, guest in ipairs(guests) do held = held or guest == host end

if not held and n >= concurrency then
  -- The next turn is this article's: the host is not due for others before that.
  redis.call('HSET', key, 'due', math.max(due, now + 500))
  refresh_host(host, concurrency, now)
  return {'busy', 100}
end

local kept = record.turn_host == host and record.turn_at
-- An article that was claimed for the host has waited until it was due; one that a redirect leads there has not.
local at = kept and math.max(kept, last + pace) or math.max(now, next_turn, mine and 0 or due)
local wait = math.max(at - now, 0)
local go = wait <= patience
if go then
  record.turn_host, record.turn_at = nil, nil
  redis.call('HSET', key, 'last', at)
  if not held then
    redis.call('HINCRBY', key, 'n', 1)
    guests[#guests + 1] = host
    record.guests = guests
  end
else
  record.turn_host, record.turn_at = host, at
end
redis.call('HSET', P .. 'flight', id, cjson.encode(record))
if go or not kept then next_turn = math.max(next_turn, at + pace) end
redis.call('HSET', key, 'next', next_turn, 'due', math.max(due, next_turn), 'pace', tonumber(ARGV[5]))
refresh_host(host, concurrency, now)
return {go and 'go' or 'later', wait}
