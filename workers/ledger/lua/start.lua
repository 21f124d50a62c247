-- ARGV: id, token, stage, 'task' or 'stage', lease ms, max attempts, '1' where its body is wanted.
-- 'task': a message was delivered whose first stage this is. Renews the lease and counts an attempt, unless the task
-- before it ended well (its attempt goes on); the same task again means that its process died, which is remembered.
-- 'stage': a stage in place begins; only noted, for the case that it dies.
-- Returns {'stale'} where the lease is another attempt's, else {'ok' or 'spent', attempts, stage that was last seen
-- running, '1' where it has a history, its body if there is one}.
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
local body = ARGV[7] == '1' and redis.call('GET', P .. 'body:' .. id) or nil
return {verdict, attempts, last, record.history and '1' or '0', body}
