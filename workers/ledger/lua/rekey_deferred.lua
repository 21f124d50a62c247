-- ARGV: for deferred articles: id, new id.
-- Gives them their new ids (workers/ledger/rekey.py). One whose new id is known is dropped: it is the same article.
-- Returns how many have a new id, or were dropped.
even_if_full()
local changed = 0
for i = 1, #ARGV, 2 do
  local old, new = ARGV[i], ARGV[i + 1]
  local text, due = redis.call('HGET', P .. 'deferred', old), redis.call('ZSCORE', P .. 'later', old)
  local record = text and readable(text)
  if record and due then
    local state = get_state(new)
    redis.call('HDEL', seen_key(old), string.sub(old, 2))
    redis.call('HDEL', P .. 'deferred', old)
    redis.call('ZREM', P .. 'later', old)
    if not state or (record.again and state ~= 'w' and state ~= 'l') then
      if state then count(state, -1) end
      redis.call('HSET', P .. 'deferred', new, text)
      redis.call('ZADD', P .. 'later', due, new)
      set_state(new, 'l')
    else
      count('deferred', -1)
      age(record, -1)
      weigh(record, nil)
    end
    changed = changed + 1
  end
end
return changed
