-- Counts a story of a host for its paragraphs (tasks/dedupe/repeated.py; workers/ledger/host_paragraphs.py reads the counts).
--
-- Keys, under the prefix:
--   paragraphs:<host>   string  entries of 10 bytes: a paragraph's key (4), and the marks of up to three stories that had it
--                               (2 each; zeros where there are fewer)
--   paragraphs-used     zset    host -> when a story of it was noted last, s
--
-- KEYS: the prefix. ARGV: host, keys of the text's paragraphs (concatenated), the story's mark.
local P, host, keys, mark = KEYS[1], ARGV[1], ARGV[2], ARGV[3]
local KEY, MARK, ENTRY = 4, 2, 10
-- Entries of a host, hosts, and seconds that they are kept after a host's last story.
local MOST_ENTRIES, MOST_HOSTS, AGE = 400, 5000, 14 * 86400
-- Of too many entries the oldest are forgotten, but for the newest among them that two stories have had. Few are rewritten so: what
-- a story adds goes into Redis's file once.
local OLDEST, MOST_KEPT = 100, 50
-- Hosts that one call forgets.
local AT_ONCE = 100
local FREE = string.rep('\0', MARK)

redis.call('DEL', P .. 'nothing')  -- so that it is carried out on a full Redis, too (lua/prelude.lua)
local place = P .. 'paragraphs:' .. host
local known = redis.call('GET', place) or ''
if #known % ENTRY ~= 0 then  -- somebody else may write to this Redis, too
  redis.call('DEL', place)
  known = ''
end
if mark == FREE then mark = string.rep('\1', MARK) end

-- Returns where a paragraph's entry begins.
local function find(key)
  local from = 1
  while true do
    local at = string.find(known, key, from, true)
    if not at or at % ENTRY == 1 then return at end
    from = at + 1
  end
end

-- Adds the mark to an entry, unless it is there, or there are three.
local function count(entry)
  for at = entry + KEY, entry + ENTRY - 1, MARK do
    local other = string.sub(known, at, at + MARK - 1)
    if other == mark then return end
    if other == FREE then
      redis.call('SETRANGE', place, at - 1, mark)
      return
    end
  end
end

-- Returns the value without its oldest entries.
local function shortened(value)
  local kept = {}
  for at = 1, OLDEST * ENTRY, ENTRY do
    local second = at + KEY + MARK
    if string.sub(value, second, second + MARK - 1) ~= FREE then kept[#kept + 1] = string.sub(value, at, at + ENTRY - 1) end
  end
  return string.sub(value, OLDEST * ENTRY + 1) .. table.concat(kept, '', math.max(1, #kept - MOST_KEPT + 1))
end

local new, met = {}, {}
for at = 1, #keys, KEY do
  local key = string.sub(keys, at, at + KEY - 1)
  if not met[key] then
    met[key] = true
    local entry = find(key)
    if entry then
      count(entry)
    else
      new[#new + 1] = key .. mark .. string.rep(FREE, (ENTRY - KEY) / MARK - 1)
    end
  end
end
if #new > 0 then redis.call('APPEND', place, table.concat(new)) end
if #known / ENTRY + #new > MOST_ENTRIES then redis.call('SET', place, shortened(redis.call('GET', place))) end
redis.call('EXPIRE', place, AGE)

local used = P .. 'paragraphs-used'
redis.call('ZADD', used, redis.call('TIME')[1], host)
local excess = redis.call('ZCARD', used) - MOST_HOSTS
for _, first in ipairs(excess > 0 and redis.call('ZRANGE', used, 0, math.min(excess, AT_ONCE) - 1) or {}) do
  redis.call('DEL', P .. 'paragraphs:' .. first)
  redis.call('ZREM', used, first)
end
