-- ARGV: id, token, kind, stage, reason, detail, base delay ms, cap ms, asked delay ms, '1' for the whole host,
--       max deferrals, max attempts, host concurrency, a factor for the delay, '1' where the store did not take the row.
-- kind: later (the site asks for it: a deferral, no attempt), retry (the stage failed: the attempt is used up),
--       system (a part of newsmill is down or stopping: no deferral, no attempt).
-- A store that does not take a row is noted for schedulers (`store_away`), and costs the article nothing. But if other rows
-- were written since it was put back for this before, it is the row that has missed; then the delays double, and after as
-- many misses as there may be deferrals the article is spent.
-- Delays double with each deferral or attempt. "The whole host" is the article's server: its pause doubles with each other
-- URL that fails in a row, so that no single page can silence it. Returns deferred, stale, or spent: then it has changed
-- nothing, and the caller settles the article.
even_if_full()
local id, token, kind, stage, reason, detail = ARGV[1], ARGV[2], ARGV[3], ARGV[4], ARGV[5], ARGV[6]
local base, cap, asked = tonumber(ARGV[7]), tonumber(ARGV[8]), tonumber(ARGV[9])
local whole_host, max_deferrals, max_attempts = ARGV[10] == '1', tonumber(ARGV[11]), tonumber(ARGV[12])
local record = leased(id, token)
if not record then return 'stale' end
local now, concurrency, factor = now_ms(), tonumber(ARGV[13]), tonumber(ARGV[14])
local server = record.host
local key = host_key(server)
local attempts, deferrals = record.attempts or 0, record.deferrals or 0
local health = redis.call('HMGET', key, 'fails', 'failed', 'pause')
local fails, failed, pause = num(health[1]), health[2] or '', num(health[3])

local steps = 0
if kind == 'later' then
  if deferrals >= max_deferrals or (whole_host and fails >= max_deferrals) then return 'spent' end
  record.deferrals = deferrals + 1
  steps = deferrals
elseif kind == 'retry' then
  if attempts >= max_attempts then return 'spent' end
  steps = math.max(attempts - 1, 0)
end
if ARGV[15] == '1' then
  local written = 0
  for _, one in ipairs(redis.call('HMGET', P .. 'counts', 'e', 'd', 'r', 'x')) do written = written + num(one) end
  local missed = record.missed or 0
  if record.written and written > record.written then missed = missed + 1 end
  redis.call('SET', P .. 'store_away', string.format('%.0f', now) .. ' ' .. detail)
  if missed >= max_deferrals then return 'spent' end
  record.missed, record.written, steps = missed, written, missed
end
if kind ~= 'retry' then record.attempts = math.max(attempts - 1, 0) end

-- The factor is random, so that articles that failed together do not come back together.
local function backoff(doublings)
  return math.floor(math.min(base * 2 ^ math.min(doublings, 30), cap) * factor)
end

local delay = math.max(backoff(steps), asked)
if whole_host then
  local known = false
  for i = 1, #failed, 16 do known = known or string.sub(failed, i, i + 15) == id end
  if not known then fails, failed = fails + 1, failed .. id end
  -- What a site asks for (Retry-After) may be meant for one page. On the word of one URL all others wait for a minute at most,
  -- for ten on that of two, and so on.
  local held = math.max(backoff(fails - 1), math.min(asked, 60000 * 10 ^ math.min(fails - 1, 4)))
  pause, delay = math.max(pause, now + held), math.max(delay, held)
  redis.call('HSET', key, 'fails', fails, 'failed', failed, 'pause', string.format('%.0f', pause))
end
remember(record, {at = now, event = kind, stage = stage, reason = reason, detail = detail, delay = delay})
unlease(id, record, concurrency, now)
redis.call('HSET', P .. 'deferred', id, cjson.encode(record))
redis.call('ZADD', P .. 'later', now + delay, id)
set_state(id, 'l')
count('deferred', 1)
refresh_host(server, concurrency, now)
return 'deferred'
