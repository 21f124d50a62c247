-- ARGV: an id for a ledger that has none, its store's id, that store's name, '1' to take the ledger over.
-- Notes the ledger's store, unless it has another one. Returns {the ledger's id, its store's id, that store's name,
-- '1' where it had no id, '1' where no URL was ever submitted}.
even_if_full()
local key = P .. 'identity'
local empty = redis.call('EXISTS', P .. 'counts') == 0
local new = redis.call('HSETNX', key, 'ledger', ARGV[1]) == 1
local store = redis.call('HGET', key, 'store')
if not store or store == ARGV[2] or ARGV[4] == '1' then
  if store ~= ARGV[2] then redis.call('HDEL', key, 'changes') end
  redis.call('HSET', key, 'store', ARGV[2], 'name', ARGV[3])
end
local noted = redis.call('HMGET', key, 'ledger', 'store', 'name')
return {noted[1], noted[2], noted[3] or '', new and '1' or '0', empty and '1' or '0'}
