-- ARGV: for articles whose rows have new ids: id, new id, the outcome's letter of the row; '-' where it was deleted.
-- Moves what is known of them (workers/ledger/rekey.py). Nothing to do where the old id is unknown, so it may be run again.
-- Returns how many were moved.
even_if_full()
local moved = 0
for i = 1, #ARGV, 3 do
  local old, new, letter = ARGV[i], ARGV[i + 1], ARGV[i + 2]
  local before = get_state(old)
  if before and before ~= 'w' and before ~= 'f' and before ~= 'l' then
    local state = get_state(new)
    redis.call('HDEL', seen_key(old), string.sub(old, 2))
    count(before, -1)
    if letter ~= '-' and state ~= 'w' and state ~= 'f' and state ~= 'l' then
      if state then count(state, -1) end
      set_state(new, letter)
      count(letter, 1)
    end
    moved = moved + 1
  end
end
return moved
