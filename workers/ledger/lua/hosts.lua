-- ARGV: 'set' or 'file', '1' to replace all rules there, a mark for what they are a copy of ('' for none), then names and their
-- rules, JSON, '' for none.
-- Keeps what an operator says of hosts; workers see it by the stamp, within a second.
even_if_full()
local key = P .. 'hosts:' .. ARGV[1]
if ARGV[2] == '1' then redis.call('DEL', key) end
for i = 4, #ARGV, 2 do
  if ARGV[i + 1] == '' then redis.call('HDEL', key, ARGV[i]) else redis.call('HSET', key, ARGV[i], ARGV[i + 1]) end
end
if ARGV[3] ~= '' then redis.call('SET', P .. 'hosts:mark:' .. ARGV[1], ARGV[3]) end
local t = redis.call('TIME')
redis.call('SET', P .. 'hosts:stamp', t[1] .. '.' .. t[2])
