-- ARGV: for deferred articles: id, new id, the letter of the row that has the former id and stays there, '' where none does.
-- Gives them their new ids (workers/ledger/rekey.py). One whose new id is known is dropped, as in
-- rekey_waiting.lua.
-- Returns how many have a new id, or were dropped.
even_if_full()
local changed = 0
for i = 1, #ARGV, 3 do
  local old, new, stays = ARGV[i], ARGV[i + 1], ARGV[i + 2]
  local text, due = redis.call('HGET', P .. 'deferred', old), redis.call('ZSCORE', P .. 'later', old)
  local record = text and readable(text)
  if record and due then
    leave(old, stays)
    redis.call('HDEL', P .. 'deferred', old)
    redis.call('ZREM', P .. 'later', old)
    if may_take(new, record) then
      redis.call('HSET', P .. 'deferred', new, text)
      redis.call('ZADD', P .. 'later', due, new)
      set_state(new, 'l')
    else
      drop(record, 'deferred')
    end
    changed = changed + 1
  end
end
return changed
