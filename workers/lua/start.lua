-- ARGV: id, token, stage, 'task' or 'stage', lease ms, max attempts.
-- 'task': a message was delivered whose first stage this is. Renews the lease and counts an attempt, unless the task
-- before it ended well (its attempt goes on). 'stage': a stage in place begins; only noted, for the case that it dies.
-- Returns {'stale'} where the lease is another attempt's, else {'ok' or 'spent', attempts, stage that was last seen
-- running, '1' where it has a history}.
local id, token, stage, kind = ARGV[1], ARGV[2], ARGV[3], ARGV[4]
local record = leased(id, token)
if not record then return {'stale'} end
local attempts = record.attempts or 0
local history = record.history and '1' or '0'
redis.call('ZADD', P .. 'leases', now_ms() + tonumber(ARGV[5]), id)
if kind == 'task' and (not record.task or record.task == stage) then
  if attempts >= tonumber(ARGV[6]) then return {'spent', attempts, record.stage or stage, history} end
  attempts = attempts + 1
end
if kind == 'task' then record.task = stage end
record.attempts, record.stage = attempts, stage
redis.call('HSET', P .. 'flight', id, cjson.encode(record))
return {'ok', attempts, stage, history}
