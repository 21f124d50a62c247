-- ARGV: a process's id, what it says of itself (JSON), ms after which one that is silent is forgotten, how many are kept,
-- the ids of its ledger and its store, its store's name.
-- Notes that the process works, and forgets those that do not any more. A ledger that was emptied under its processes
-- belongs to their store again. Returns {its store's id, that store's name, '1' where it belongs to it again}.
even_if_full()
local now, beats, processes, key = now_ms(), P .. 'beats', P .. 'processes', P .. 'identity'
redis.call('ZADD', beats, now, ARGV[1])
redis.call('HSET', processes, ARGV[1], ARGV[2])
-- Nothing is left where all processes were killed.
redis.call('PEXPIRE', beats, tonumber(ARGV[3]))
redis.call('PEXPIRE', processes, tonumber(ARGV[3]))
local function forget(ids)
  for _, id in ipairs(ids) do
    redis.call('ZREM', beats, id)
    redis.call('HDEL', processes, id)
  end
end
forget(redis.call('ZRANGEBYSCORE', beats, '-inf', now - tonumber(ARGV[3]), 'LIMIT', 0, 100))
local excess = redis.call('ZCARD', beats) - tonumber(ARGV[4])
if excess > 0 then forget(redis.call('ZRANGE', beats, 0, math.min(excess, 100) - 1)) end

local lost = redis.call('HSETNX', key, 'store', ARGV[6])
if lost == 1 then
  redis.call('HSETNX', key, 'ledger', ARGV[5])
  redis.call('HSET', key, 'name', ARGV[7])
end
local noted = redis.call('HMGET', key, 'store', 'name')
return {noted[1], noted[2] or '', tostring(lost)}
