-- ARGV: id, token, server, interval ms, Crawl-delay ms (0 without one), patience ms, lease ms, host concurrency.
-- Takes a turn at the host of `server`, the leased article's own or one that a redirect leads to. At the latter it counts as
-- in flight, too, until it is put back or settled, and it waits for that server's pause. Renews the lease.
-- Returns {verdict, ms}: 'go' after so many ms; 'later' where that exceeds the patience, and the turn is reserved; 'busy'
-- where the host is at its concurrency; 'denied' and 'paused' where the operator has said so since the worker read the rules;
-- 'stale' where the lease is another attempt's.
even_if_full()
local id, server, patience = ARGV[1], ARGV[3], tonumber(ARGV[6])
local record = leased(id, ARGV[2])
if not record then return {'stale', 0} end
local host = host_of(server)
local rule = host_rule(host)
local pace, concurrency = math.max(rule.interval or tonumber(ARGV[4]), tonumber(ARGV[5])), rule.concurrency or tonumber(ARGV[8])
if rule.deny == true then return {'denied', 0} end
if rule.pause == true then return {'paused', 0} end
local now, key = now_ms(), host_key(host)
redis.call('ZADD', P .. 'leases', now + tonumber(ARGV[7]), id)

local state = redis.call('HMGET', key, 'due', 'last', 'next')
local due, last, next_turn = num(state[1]), num(state[2]), num(state[3])
local guests, mine = record.guests or {}, host == host_of(record.host)
local held = mine
for _, guest in ipairs(guests) do held = held or host_of(guest) == host end

if not held then
  -- Redirects and the host's own articles take turns, so that no number of redirects takes all of them.
  local own = {}
  for _, priority in ipairs(PRIORITIES) do
    own[#own + 1], own[#own + 2] = queue_key(priority, host), queue_key(priority, 'https://' .. host)
  end
  if redis.call('HEXISTS', key, 'yielded') == 1 and redis.call('EXISTS', unpack(own)) > 0 then return {'busy', 100} end
  if in_flight(host) >= concurrency then
    -- The next turn is this article's: the host is not due for others before that.
    redis.call('HSET', key, 'due', math.max(due, now + 500))
    refresh_host(host, concurrency, now)
    return {'busy', 100}
  end
end

local kept = record.turn_host == host and record.turn_at
local at = math.max(now, last + pace)
if kept then
  at = math.max(kept, at)
elseif not mine then
  -- An article that was claimed for the host has waited until it was due; one that a redirect leads there has not.
  at = math.max(at, next_turn, due, num(redis.call('HGET', host_key(server), 'pause')))
end
local wait = math.max(at - now, 0)
local go = wait <= patience
-- Redirects may reserve the turns of a minute, and one more.
if not mine and not kept and not go and wait > 60000 + pace then return {'later', wait} end
if go then
  record.turn_host, record.turn_at = nil, nil
  redis.call('HSET', key, 'last', at)
  if not held then
    redis.call('HSET', key, 'yielded', '1')
    redis.call('HINCRBY', key, 'n', 1)
    guests[#guests + 1] = host
    record.guests = guests
  end
else
  record.turn_host, record.turn_at = host, at
end
redis.call('HSET', P .. 'flight', id, cjson.encode(record))
if go or not kept then next_turn = math.max(next_turn, at + pace) end
-- One reserved turn comes before the host's own articles, not all of them.
local own_due = go and at + pace or math.min(next_turn, math.max(now, last + pace) + pace)
redis.call('HSET', key, 'next', next_turn, 'due', math.max(due, own_due), 'pace', tonumber(ARGV[5]))
refresh_host(host, concurrency, now)
return {go and 'go' or 'later', wait}
