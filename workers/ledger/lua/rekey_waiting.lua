-- ARGV: priority, server, then for entries of its queue, the last ones first: id, new id, the letter
-- of the row that has the former id and stays there, '' where none does; index.
-- Gives waiting URLs their new ids (workers/ledger/rekey.py). One whose new id is known is dropped: it is the same article;
-- unless that is settled, and the URL waits to be fetched again, or that has no text. An entry that has moved meanwhile is left.
-- Returns how many have a new id, or were dropped.
even_if_full()
local queue, changed = queue_key(ARGV[1], ARGV[2]), 0
for i = 3, #ARGV, 4 do
  local old, new, stays, index = ARGV[i], ARGV[i + 1], ARGV[i + 2], ARGV[i + 3]
  local entry = redis.call('LINDEX', queue, index)
  local text = entry and string.sub(entry, 1, 16) == old and string.sub(entry, 17)
  local record = text and readable(text)
  if record then
    leave(old, stays)
    if may_take(new, record) then
      redis.call('LSET', queue, index, new .. text)
      set_state(new, 'w')
    else
      redis.call('LSET', queue, index, '')
      redis.call('LREM', queue, -1, '')
      drop(record, 'waiting')
    end
    changed = changed + 1
  end
end
return changed
