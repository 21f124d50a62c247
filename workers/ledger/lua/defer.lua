-- ARGV: id, token, kind, stage, reason, detail, base delay ms, cap ms, asked delay ms, '1' for the whole host,
--       max deferrals, max attempts, host concurrency, a factor for the delay, the host in trouble where it is not the
--       article's own (''), '1' where the store did not take the article's row.
-- kind: later (the site asks for it: a deferral, no attempt), retry (the stage failed: the attempt is used up),
--       system (a part of newsmill is down or stopping: no deferral, no attempt).
-- A store that does not take a row is noted for schedulers (`store_away`), and costs the article nothing. But if other rows
-- were written since it was put back for this before, it is the row that has missed; then the delays double, and after as
-- many misses as there may be deferrals the article is spent.
-- Delays double with each deferral, attempt or failure of the host in a row. Returns deferred, stale, or spent: then it
-- has changed nothing, and the caller settles the article.
even_if_full()
local id, token, kind, stage, reason, detail = ARGV[1], ARGV[2], ARGV[3], ARGV[4], ARGV[5], ARGV[6]
local base, cap, asked = tonumber(ARGV[7]), tonumber(ARGV[8]), tonumber(ARGV[9])
local whole_host, max_deferrals, max_attempts = ARGV[10] == '1', tonumber(ARGV[11]), tonumber(ARGV[12])
local record = leased(id, token)
if not record then return 'stale' end
local now, concurrency = now_ms(), tonumber(ARGV[13])
local elsewhere = whole_host and ARGV[15] ~= '' and ARGV[15] ~= record.host
local host = host_key(elsewhere and ARGV[15] or record.host)
local attempts, deferrals = record.attempts or 0, record.deferrals or 0
local fails = tonumber(redis.call('HGET', host, 'fails') or 0)

local steps = 0
if kind == 'later' then
  if deferrals >= max_deferrals or (whole_host and fails >= max_deferrals) then return 'spent' end
  record.deferrals = deferrals + 1
  steps = whole_host and fails or deferrals
elseif kind == 'retry' then
  if attempts >= max_attempts then return 'spent' end
  steps = math.max(attempts - 1, 0)
end
if ARGV[16] == '1' then
  local written = 0
  for _, one in ipairs(redis.call('HMGET', P .. 'counts', 'e', 'd', 'r', 'x')) do written = written + tonumber(one or 0) end
  local missed = record.missed or 0
  if record.written and written > record.written then missed = missed + 1 end
  redis.call('SET', P .. 'store_away', string.format('%.0f', now) .. ' ' .. detail)
  if missed >= max_deferrals then return 'spent' end
  record.missed, record.written, steps = missed, written, missed
end
if kind ~= 'retry' then record.attempts = math.max(attempts - 1, 0) end

-- The factor is random, so that articles that failed together do not come back together.
local delay = math.floor(math.max(math.min(base * 2 ^ math.min(steps, 30), cap) * tonumber(ARGV[14]), asked))
remember(record, {at = now, event = kind, stage = stage, reason = reason, detail = detail, delay = delay})
unlease(id, record, concurrency, now)
if whole_host then
  redis.call('HINCRBY', host, 'fails', 1)
  redis.call('HSET', host, 'due', math.max(now + delay, tonumber(redis.call('HGET', host, 'due') or 0)))
end
if elsewhere then refresh_host(ARGV[15], concurrency, now) end
if whole_host and not elsewhere then
  put_back(id, record)
else
  redis.call('HSET', P .. 'deferred', id, cjson.encode(record))
  redis.call('ZADD', P .. 'later', now + delay, id)
  set_state(id, 'l')
  count('deferred', 1)
end
refresh_host(record.host, concurrency, now)
return 'deferred'
