-- ARGV: id, token, stage, 'task' or 'stage', lease ms, max attempts, '1' if its body is wanted.
-- 'task': a message was delivered, and this is its first stage. Renews the lease. Counts an attempt, unless the task
-- before it ended well: then that attempt goes on. The same task again means that its process died, which goes into the
-- history.
-- 'stage': a stage begins in place. It is only noted, in case its process dies.
-- Returns {'stale'} where the lease is another attempt's, else {'ok' or 'spent', attempts, the last stage that was seen
-- running, '1' if it has a history, '1' if it may have been settled already, its body if there is one}.
even_if_full()
local id, token, stage, kind = ARGV[1], ARGV[2], ARGV[3], ARGV[4]
local record = leased(id, token)
if not record then return {'stale'} end
local attempts = record.attempts or 0
local now = now_ms()
redis.call('ZADD', P .. 'leases', now + tonumber(ARGV[5]), id)
local verdict, last = 'ok', record.stage or stage
if kind == 'task' and record.task == stage then remember(record, {at = now, event = 'died', stage = last}) end
if kind == 'task' and (not record.task or record.task == stage) then
  if attempts >= tonumber(ARGV[6]) then verdict = 'spent' else attempts = attempts + 1 end
end
if verdict == 'ok' then
  if kind == 'task' then record.task = stage end
  record.attempts, record.stage, last = attempts, stage, stage
end
redis.call('HSET', P .. 'flight', id, cjson.encode(record))
-- The clocks of two Redis servers may differ: by 60 s here. And a store that did not answer may have taken the row.
local forgotten = kind == 'task' and (record.at < since_failover() + 60000 or record.written ~= nil)
local body = ARGV[7] == '1' and redis.call('GET', P .. 'body:' .. id) or nil
return {verdict, attempts, last, record.history and '1' or '0', forgotten and '1' or '0', body}
