-- An article's claim to a content, and the search for an article of nearly the same content: both, or a part (below).
-- near.lua comes before it.
--
-- KEYS: the prefix. ARGV: part, article id, content id, bands, sketch, ids to forget (concatenated), answer, ids that
-- the article's page names as itself (concatenated), its names and numbers.
-- Parts: `all`    on one server;
--        `claim`  the content alone, open until a search on the servers of the bands has ended;
--        `search` the bands that this server has;
--        `close`  stores the answer to an open claim; of two deliveries of one article, that of the first stays.
-- A replica that was promoted, and a Redis that was restarted, may have lost its last claims; it has another replication id.
-- Nothing is claimed there before the caller has claimed anew what the last rows own (content_index.py).
-- Returns {'forgot', the new replication id} then, else {'mine'}, {'exact', owner}, {'near', owner, score in %}, {'open'} or, from a search that found nothing,
-- {'added', sketch's key, that of its names and numbers, the field in both}.
--
-- A claim is a field of a small hash, content:<content id's first 2 bytes>: the owner's id; for a near-duplicate,
-- which owns its very content, then the id of its original and the score as a byte; '?' instead while open.
redis.call('DEL', P .. 'nothing')  -- so that it is carried out on a full Redis, too (lua/prelude.lua)
local id = string.match(redis.call('INFO', 'replication'), 'master_replid:(%w+)')
redis.call('SETNX', P .. 'contents-on', id)
if redis.call('GET', P .. 'contents-on') ~= id then return {'forgot', id} end
local part, me, content, bands, sketch, answer = ARGV[1], ARGV[2], ARGV[3], ARGV[4], ARGV[5], ARGV[7]
local function ids_in(text)
  local ids = {}
  for at = 1, #text, 16 do ids[string.sub(text, at, at + 15)] = true end
  return ids
end
local forget, named = ids_in(ARGV[6]), ids_in(ARGV[8])

local key, field = P .. 'content:' .. string.sub(content, 1, 2), string.sub(content, 3)

if part ~= 'search' then
  local value = redis.call('HGET', key, field)
  local owner = value and string.sub(value, 1, 16)
  local told = value and string.sub(value, 17)
  if part == 'close' and owner == me and told == '?' then
    redis.call('HSET', key, field, me .. answer)
    told = answer
  end
  if owner and owner ~= me and not forget[owner] then return {'exact', owner} end
  if owner == me then
    -- Delivered again: the same answer as before, unless that original is gone.
    if told == '' then return {'mine'} end
    local original = string.sub(told, 1, 16)
    if #told == 17 and not forget[original] then return {'near', original, string.byte(told, 17)} end
  end
  local open = part == 'claim' and bands ~= ''
  redis.call('HSET', key, field, open and me .. '?' or me)
  if open then return {'open'} end
  if bands == '' then return {'mine'} end
end

local index, particulars = look(bands), ARGV[9]
local original, score = nearest(index, me, sketch, particulars, forget, named)
if original then
  if part == 'all' then redis.call('HSET', key, field, me .. original .. string.char(score)) end
  return {'near', original, score}
end
local sketches, names, number = add(index, me, bands, sketch, particulars)
return part == 'all' and {'mine'} or {'added', sketches, names, number}
