-- ARGV: for articles whose rows have new ids: id, new id, the outcome's letter of the row, '-' where it was deleted; that of the
-- row that has the former id now, '' where none has.
-- Moves what is known of them (workers/ledger/rekey.py), and corrects what is known otherwise than the row says. Nothing to do
-- where both ids are unknown, so it may be run again. Returns how many were moved.
even_if_full()
local function settled(state)
  return state and state ~= 'w' and state ~= 'f' and state ~= 'l'
end
local function become(id, before, letter)
  if before == letter then return end
  if before then count(before, -1) end
  set_state(id, letter)
  count(letter, 1)
end
local moved = 0
for i = 1, #ARGV, 4 do
  local old, new, letter, follower = ARGV[i], ARGV[i + 1], ARGV[i + 2], ARGV[i + 3]
  local before, state = get_state(old), get_state(new)
  if settled(before) then
    if follower == '' then
      redis.call('HDEL', seen_key(old), string.sub(old, 2))
      count(before, -1)
    else
      become(old, before, follower)
    end
    moved = moved + 1
  end
  -- Where the old one waits, its row may move to another place than the URL that waits.
  if letter ~= '-' and (settled(state) or (before and not state)) then become(new, state, letter) end
end
return moved
