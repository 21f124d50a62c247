-- Functions for all scripts of the frontier; workers/ledger/frontier.py puts them in front of each.
--
-- Keys, all under one prefix (ids are 16 raw bytes):
--   seen:<bucket>       hash  id's last 15 bytes -> state: w waiting, f in flight, l deferred, or an outcome's letter
--   q:<priority>:<host> list  what waits, the oldest first: id .. JSON of the record
--   ready:<priority>    zset  host -> when it may be fetched from next, ms; a host at its concurrency is not in it
--                       A "host" there is a server: `https://a.test`, or `a.test` for http (tasks/urls.py, `server_of`)
--   host:<host>         hash  of a host, which is its http server's name, too: n in flight, due (ms); pace: its robots.txt's
--                             Crawl-delay, ms; last and next: times of the last request and of the next one, ms (turn.lua).
--                             Of a server: fails, how many URLs failed in a row; failed: their ids; pause: until when it
--                             waits therefore, ms (defer.lua)
--   idle                zset  hosts and servers that are kept though nothing of theirs waits -> until when, ms
--   later               zset  id -> due, ms;   deferred: hash id -> JSON
--   leases              zset  id -> deadline, ms;   flight: hash id -> JSON
--   ages                hash  minute of submission -> how many URLs of it wait
--   counts              hash  waiting, deferred, one counter an outcome; history: bytes of all histories
--   store_away          string, when the store last did not take a row, ms, and why; a scheduler deletes it (defer.lua)
--   fence               string, the newest fencing token;   pulse: when a scheduler last ran, ms
--   failover            hash  replid: that of this Redis (INFO); at: since when it has it, ms
--   version             string, the version of these keys (workers/ledger/frontier.py)
--   identity            hash  ledger and store: the ids of both; name: that of the store (belong.lua);
--                             changes: the highest change of the store that was seen; keys: the version of the keys that the
--                             ids are made with (workers/ledger/rekey.py)
--   rekey               string, who gives URLs new ids at the moment
--   beats               zset  process -> its last beat, ms;   processes: hash process -> JSON (beat.lua)
--   robots:files        hash  origin -> time of expiry, ms, ' ', file;   robots:used: zset origin -> last use, ms;
--   robots:bytes        string, what they take (robots_put.lua)
--   hosts:set           hash  name -> what an operator has said of it by a command, JSON; hosts:file: what the file of hosts says;
--                             hosts:stamp: string, new with each change; hosts:mark:set and hosts:mark:file: strings, what
--                             was copied there; hosts:trouble: string, why the file is not read (workers/ledger/host_rules.py)
--   walls:last          zset  host -> when a page of it was last no article for one of WALLS, ms; walls:<reason>: zset host -> how
--                             many such pages; walls:since: zset host -> since when it blocks, ms; walls:row: hash host ->
--                             blocked pages without an article between, ' ', until when it waits therefore, ms (settle.lua)
--   invalid             list  messages that nobody can read (set_aside.lua);   invalid:counts: hash queue, reason -> number
local P = KEYS[1]
local PRIORITIES = {0, 1, 2}
-- Hosts and servers that are kept though nothing of theirs waits: up to 1 KB each with the longest names, 20 MB in all.
local MOST_IDLE = 20000
-- Invalid messages that are kept, the newest; 4.5 KB each at most (workers/ledger/invalid.py).
local MOST_INVALID = 100
-- Parts of Redis's memory that robots.txt files, and histories, may take each.
local SHARES = 16

-- A full Redis refuses commands that could make it larger, except in a script that has written already, which must not
-- stop half done. It never refuses a deletion. So a script that begins with this runs on a full Redis, too: articles in
-- flight have to end there, which frees memory.
local function even_if_full()
  redis.call('DEL', P .. 'nothing')
end

-- A number that was kept; 0 for what is none, or none that counts: somebody else may write to this Redis, too.
local function num(text)
  local n = tonumber(text)
  return n and n == n and n > -2 ^ 53 and n < 2 ^ 53 and n or 0
end

-- Bytes that robots.txt files, or histories, may take: a sixteenth of maxmemory, or of 1 GB where there is none.
local function share()
  local limit = num(string.match(redis.call('INFO', 'memory'), '\nmaxmemory:(%d+)'))
  return math.floor((limit > 0 and limit or 2 ^ 30) / SHARES)
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

-- Keeps what nobody can read for people, in place of the oldest of too many; `known` has its size, queue, reason, detail
-- and beginning, in lines (workers/ledger/invalid.py).
local function set_aside(queue, reason, known, now)
  redis.call('HINCRBY', P .. 'invalid:counts', queue .. '\n' .. reason, 1)
  redis.call('RPUSH', P .. 'invalid', string.format('%.0f\n', now) .. known)
  redis.call('LTRIM', P .. 'invalid', -MOST_INVALID, -1)
end

-- Keeps a record of the ledger that nobody can read, and forgets the URL's state, so that it can be submitted again.
local function set_record_aside(where, id, text, now)
  local known = {#text, where, 'record', 'not a record of a URL', string.sub(text, 1, 4096)}
  set_aside(where, 'record', table.concat(known, '\n'), now)
  if #id == 16 then redis.call('HDEL', seen_key(id), string.sub(id, 2)) end
end

local NONE = {}
local KINDS = {
  url = 'string', at = 'number', host = 'string', priority = 'number', src = 'string', token = 'string',
  attempts = 'number', deferrals = 'number', again = 'boolean', guests = 'table', turn_host = 'string',
  turn_at = 'number', task = 'string', stage = 'string', history = 'table', kept = 'number',
  missed = 'number', written = 'number',
}

-- Returns the record in a text; nil for what is none, whoever has written it.
local function readable(text)
  local ok, record = pcall(cjson.decode, text)
  if not ok or type(record) ~= 'table' or not record.url or num(record.at) < 1 then return nil end
  for name, value in pairs(record) do
    local kind = KINDS[name]
    if kind and (type(value) ~= kind or kind == 'number' and value ~= num(value)) then return nil end
  end
  for _, guest in ipairs(record.guests or NONE) do
    if type(guest) ~= 'string' then return nil end
  end
  for _, event in ipairs(record.history or NONE) do
    if type(event) ~= 'table' or type(event.event) ~= 'string' or num(event.at) < 1 then return nil end
  end
  return record
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

-- The host of a server: both of its schemes share a rate limit.
local function host_of(server)
  return string.match(server, '^https://(.*)') or server
end

-- Keeps a host or a server for `keep` ms more, though nothing of its waits. Of too many, the one that would be forgotten
-- first is forgotten at once: at worst, a site is asked once more than it should be.
local function keep_idle(host, keep, now)
  local idle = P .. 'idle'
  redis.call('PEXPIRE', host_key(host), keep)
  redis.call('ZADD', idle, now + keep, host)
  redis.call('ZREMRANGEBYSCORE', idle, '-inf', now)
  local excess = redis.call('ZCARD', idle) - MOST_IDLE
  for _, first in ipairs(excess > 0 and redis.call('ZRANGE', idle, 0, math.min(excess, 100) - 1) or {}) do
    redis.call('DEL', host_key(first))
    redis.call('ZREM', idle, first)
  end
end

-- What an operator says of a host: deny and pause; interval, in s; concurrency. A rule is for a host and those below it. Of each
-- field the longest name counts, of one name what a command has said before the file (tasks/hosts.py has the same).
local known_rules = {}
local function host_rule(host)
  if known_rules[host] then return known_rules[host] end
  local rule = {}
  known_rules[host] = rule
  if host == '' or redis.call('EXISTS', P .. 'hosts:set', P .. 'hosts:file') == 0 then return rule end
  local names, name = {host}, string.match(host, '^(.+):%d+$') or host
  if name ~= host then names[2] = name end
  while name and not string.find(name, '^%[') and not string.find(name, '^[%d.]+$') do
    name = string.match(name, '^[^.]*%.(.+)$')
    names[#names + 1] = name
  end
  local set, file = redis.call('HMGET', P .. 'hosts:set', unpack(names)), redis.call('HMGET', P .. 'hosts:file', unpack(names))
  for i = 1, #names do
    for _, text in pairs({set[i] or nil, file[i] or nil}) do
      local ok, one = pcall(cjson.decode, text)
      for field, value in pairs(ok and type(one) == 'table' and one or {}) do
        if rule[field] == nil then rule[field] = value end
      end
    end
  end
  rule.interval = type(rule.interval) == 'number' and math.floor(rule.interval * 1000) or nil
  rule.concurrency = type(rule.concurrency) == 'number' and rule.concurrency or nil
  -- Its URLs ask for nothing: they only have to end, and leave room for others.
  if rule.deny == true then rule.concurrency = 100 end
  return rule
end

-- Puts a server into `ready` at each priority at which it has URLs waiting, if its host has room. Returns whether it has.
local function refresh_server(server, due, room)
  local waiting = false
  for _, priority in ipairs(PRIORITIES) do
    if redis.call('EXISTS', queue_key(priority, server)) == 1 then
      waiting = true
      if room then
        redis.call('ZADD', P .. 'ready:' .. priority, due, server)
      else
        redis.call('ZREM', P .. 'ready:' .. priority, server)
      end
    else
      redis.call('ZREM', P .. 'ready:' .. priority, server)
    end
  end
  return waiting
end

-- How many articles are in flight at a host, by either scheme.
local function in_flight(host)
  return num(redis.call('HGET', host_key(host), 'n')) + num(redis.call('HGET', host_key('https://' .. host), 'n'))
end

-- Forgets a server or a host that has nothing to remember; keeps one that failed for a day.
local function keep_or_forget(host, due, fails, now)
  local keep = math.max(due - now, 0) + (fails > 0 and 86400000 or 0)
  if keep > 0 then
    keep_idle(host, keep, now)
  elseif redis.call('DEL', host_key(host)) == 1 then
    redis.call('ZREM', P .. 'idle', host)
  end
end

-- Does that for a server, and for that of the other scheme, which has the same rate limit.
local function refresh_host(server, concurrency, now)
  local host = host_of(server)
  local secure = 'https://' .. host
  local state = redis.call('HMGET', host_key(host), 'n', 'due', 'fails', 'pause')
  local other = redis.call('HMGET', host_key(secure), 'n', 'fails', 'pause')
  local secure_n, secure_pause = num(other[1]), num(other[3])
  local due, n = num(state[2]), num(state[1]) + secure_n
  local rule = host_rule(host)
  local room, waiting = n < (rule.concurrency or concurrency), false
  if host == '' then
    -- Local documents have no host, so no limit of one.
    waiting = refresh_server('', 0, true)
  else
    local dues = {[host] = math.max(due, num(state[4])), [secure] = math.max(due, secure_pause)}
    if rule.deny == true then dues = {[host] = 0, [secure] = 0} end
    waiting = refresh_server(server, dues[server], room)
    -- Nothing of the other scheme may have changed but when its host is due.
    local other_one = server == host and secure or host
    local queued = redis.call('EXISTS', queue_key(0, other_one), queue_key(1, other_one), queue_key(2, other_one)) > 0
    if queued then waiting = refresh_server(other_one, dues[other_one], room) or waiting end
  end
  if secure_n == 0 and (other[1] or other[2]) then keep_or_forget(secure, secure_pause, num(other[2]), now) end
  if waiting or n > 0 then
    if redis.call('PERSIST', host_key(host)) == 1 then redis.call('ZREM', P .. 'idle', host) end
  else
    keep_or_forget(host, math.max(due, num(state[4])), num(state[3]), now)
  end
end

-- A server has answered: its failures in a row are over.
local function answered(server)
  redis.call('HDEL', host_key(server), 'fails', 'failed')
end

-- Puts a record at the head of its queue, since it has waited before.
local function put_back(id, record)
  redis.call('LPUSH', queue_key(record.priority, record.host), id .. cjson.encode(record))
  set_state(id, 'w')
  count('waiting', 1)
end

-- Returns the record of a leased article, if its token is this one; then its text, which may be one that nobody can read.
local function leased(id, token)
  local text = redis.call('HGET', P .. 'flight', id)
  local record = text and readable(text)
  if not record or not record.host or not record.priority then return nil, text end
  if token and record.token ~= token then return nil, text end
  return record, text
end

-- Leases an article: a new fencing token, and a deadline.
local function lease(id, record, now, lease_ms)
  local t = redis.call('TIME')
  local us = tonumber(t[1]) * 1000000 + tonumber(t[2])
  -- Microseconds, so that tokens grow even if Redis has lost its last second; 16 digits are less than 2^53.
  local token = string.format('%.0f', math.max(num(redis.call('GET', P .. 'fence')) + 1, us))
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
  if noted[1] == id then return num(noted[2]) end
  local at = noted[1] and now_ms() or 0
  redis.call('HSET', key, 'replid', id, 'at', string.format('%.0f', at))
  -- Tokens of those seconds are unknown here, and its clock may be behind that of the Redis that gave them: 60 s in us.
  if noted[1] then redis.call('SET', P .. 'fence', string.format('%.0f', num(redis.call('GET', P .. 'fence')) + 60000000)) end
  return at
end

local function free_place(server)
  if redis.call('HINCRBY', host_key(server), 'n', -1) < 0 then redis.call('HSET', host_key(server), 'n', 0) end
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

-- Notes the bytes of a history, and how many all of them take; the history is gone where it is nil.
local function weigh(record, history)
  local bytes = history and #cjson.encode(history) or 0
  if bytes == 0 and not record.kept then return 0 end
  local all = redis.call('HINCRBY', P .. 'counts', 'history', bytes - (record.kept or 0))
  record.kept = bytes > 0 and bytes or nil
  return all
end

-- Adds an event to the history of an article. At most 40 are kept; the oldest go first. Once all histories take their share
-- of the memory, an article keeps its last three events, without details: about 300 bytes.
local function remember(record, event)
  local history = record.history or {}
  history[#history + 1] = event
  if #history > 40 then table.remove(history, 1) end
  record.history = history
  if weigh(record, history) < share() then return end
  while #history > 3 do table.remove(history, 1) end
  for _, one in ipairs(history) do one.detail = nil end
  weigh(record, history)
end

-- A URL that waited leaves an id for another one; what has a row there is known by that row's outcome (workers/ledger/rekey.py).
local function leave(id, letter)
  if letter == '' then
    redis.call('HDEL', seen_key(id), string.sub(id, 2))
  else
    set_state(id, letter)
    count(letter, 1)
  end
end

-- Whether a waiting or deferred URL may take its new id; another one that has it is the same article: it goes on, unless it is
-- settled and this one waits to be fetched again, or it has no text.
local function may_take(new, record)
  local state = get_state(new)
  local may = not state or state == 'r' or state == 'x' or (record.again and state ~= 'w' and state ~= 'l')
  if may and state then count(state, -1) end
  return may
end

-- Forgets a record that waited, or was deferred, besides its place and its id.
local function drop(record, counter)
  count(counter, -1)
  age(record, -1)
  weigh(record, nil)
end
