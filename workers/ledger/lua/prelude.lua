-- Functions for all scripts of the frontier; workers/ledger/frontier.py puts them in front of each.
--
-- Keys, all under one prefix (ids are 16 raw bytes):
--   seen:<bucket>       hash  id's last 15 bytes -> state: w waiting, f in flight, l deferred, or an outcome's letter
--   q:<priority>:<host> list  what waits, the oldest first: id .. JSON of the record
--   ready:<priority>    zset  host -> when it may be fetched from next, ms; a host at its concurrency is not in it
--   host:<host>         hash  n in flight, due (ms), fails in a row; pace: its robots.txt's Crawl-delay, ms;
--                             last and next: times of the last request and of the next one, ms (turn.lua)
--   later               zset  id -> due, ms;   deferred: hash id -> JSON
--   leases              zset  id -> deadline, ms;   flight: hash id -> JSON
--   ages                hash  minute of submission -> how many URLs of it wait
--   counts              hash  waiting, deferred, and one counter an outcome
--   store_away          string, when the store last did not take a row, ms, and why; a scheduler deletes it (defer.lua)
--   fence               string, the newest fencing token;   pulse: when a scheduler last ran, ms
--   failover            hash  replid: that of this Redis (INFO); at: since when it has it, ms
--   version             string, the version of these keys (workers/ledger/frontier.py)
--   identity            hash  ledger and store: the ids of both; name: that of the store (belong.lua);
--                             changes: the highest change of the store that was seen
--   beats               zset  process -> its last beat, ms;   processes: hash process -> JSON (beat.lua)
local P = KEYS[1]
local PRIORITIES = {0, 1, 2}

-- A full Redis refuses commands that could make it larger, except in a script that has written already, which must not
-- stop half done. It never refuses a deletion. So a script that begins with this runs on a full Redis, too: articles in
-- flight have to end there, which frees memory.
local function even_if_full()
  redis.call('DEL', P .. 'nothing')
end

local function now_ms()
  local t = redis.call('TIME')
  return tonumber(t[1]) * 1000 + math.floor(tonumber(t[2]) / 1000)
end

-- With 32,768 buckets, by an id's first 15 bits, each hash is a listpack up to 16 million URLs (hash-max-listpack-entries
-- 512). A hash costs some 120 bytes, whatever it holds.
local function seen_key(id)
  local second = string.byte(id, 2)
  return P .. 'seen:' .. string.sub(id, 1, 1) .. string.char(second - second % 2)
end

local function get_state(id)
  return redis.call('HGET', seen_key(id), string.sub(id, 2))
end

local function set_state(id, state)
  redis.call('HSET', seen_key(id), string.sub(id, 2), state)
end

-- Sets the state of an id that has none; otherwise returns its state.
local function new_state(id, state)
  if redis.call('HSETNX', seen_key(id), string.sub(id, 2), state) == 0 then return get_state(id) end
end

local function count(name, by)
  redis.call('HINCRBY', P .. 'counts', name, by)
end

local function age(record, by)
  local minute = math.floor(record.at / 60000)
  if redis.call('HINCRBY', P .. 'ages', minute, by) <= 0 then
    redis.call('HDEL', P .. 'ages', minute)
  end
end

local function queue_key(priority, host)
  return P .. 'q:' .. priority .. ':' .. host
end

local function host_key(host)
  return P .. 'host:' .. host
end

-- Puts the host into `ready` at each priority at which it has URLs waiting, unless it is at its concurrency.
local function refresh_host(host, concurrency, now)
  local key = host_key(host)
  local state = redis.call('HMGET', key, 'n', 'due', 'fails')
  local n, due = tonumber(state[1] or 0), tonumber(state[2] or 0)
  local waiting = false
  for _, priority in ipairs(PRIORITIES) do
    if redis.call('EXISTS', queue_key(priority, host)) == 1 then
      waiting = true
      if host == '' or n < concurrency then
        redis.call('ZADD', P .. 'ready:' .. priority, host == '' and 0 or due, host)
      else
        redis.call('ZREM', P .. 'ready:' .. priority, host)
      end
    else
      redis.call('ZREM', P .. 'ready:' .. priority, host)
    end
  end
  if waiting or n > 0 then
    redis.call('PERSIST', key)
  else
    -- The host has no URLs left: forget it when its due time has passed, or a day later if its last request failed.
    local keep = math.max(due - now, 0) + (tonumber(state[3] or 0) > 0 and 86400000 or 0)
    if keep > 0 then
      redis.call('PEXPIRE', key, keep)
    else
      redis.call('DEL', key)
    end
  end
end

-- Puts a record at the head of its queue, since it has waited before.
local function put_back(id, record)
  redis.call('LPUSH', queue_key(record.priority, record.host), id .. cjson.encode(record))
  set_state(id, 'w')
  count('waiting', 1)
end

local function leased(id, token)
  local text = redis.call('HGET', P .. 'flight', id)
  if not text then return nil end
  local record = cjson.decode(text)
  if token and record.token ~= token then return nil end
  return record
end

-- Leases an article: a new fencing token, and a deadline.
local function lease(id, record, now, lease_ms)
  local t = redis.call('TIME')
  local us = tonumber(t[1]) * 1000000 + tonumber(t[2])
  -- Microseconds, so that tokens grow even if Redis has lost its last second; 16 digits are less than 2^53.
  local token = string.format('%.0f', math.max(tonumber(redis.call('GET', P .. 'fence') or 0) + 1, us))
  redis.call('SET', P .. 'fence', token)
  record.token = token
  redis.call('HSET', P .. 'flight', id, cjson.encode(record))
  redis.call('ZADD', P .. 'leases', now + lease_ms, id)
  set_state(id, 'f')
  return token
end

-- A replica that was promoted, and a Redis that was restarted, may have lost its last seconds: an article of before may have
-- been claimed, or settled, in them. Its row knows. Such a Redis has another replication id. Returns when this one has got
-- its own, ms; 0 for the first that is noted.
local function since_failover()
  local key, id = P .. 'failover', string.match(redis.call('INFO', 'replication'), 'master_replid:(%w+)')
  local noted = redis.call('HMGET', key, 'replid', 'at')
  if noted[1] == id then return tonumber(noted[2]) end
  local at = noted[1] and now_ms() or 0
  redis.call('HSET', key, 'replid', id, 'at', string.format('%.0f', at))
  -- Tokens of those seconds are unknown here, and its clock may be behind that of the Redis that gave them: 60 s in us.
  if noted[1] then redis.call('INCRBY', P .. 'fence', 60000000) end
  return at
end

local function free_place(host)
  local n = redis.call('HINCRBY', host_key(host), 'n', -1)
  if n < 0 then redis.call('HSET', host_key(host), 'n', 0) end
end

local function unlease(id, record, concurrency, now)
  redis.call('HDEL', P .. 'flight', id)
  redis.call('ZREM', P .. 'leases', id)
  free_place(record.host)
  for _, guest in ipairs(record.guests or {}) do
    free_place(guest)
    refresh_host(guest, concurrency, now)
  end
  record.token, record.task, record.guests = nil, nil, nil
end

-- Adds an event to the history of an article. At most 40 are kept; the oldest go first.
local function remember(record, event)
  local history = record.history or {}
  history[#history + 1] = event
  if #history > 40 then table.remove(history, 1) end
  record.history = history
end
