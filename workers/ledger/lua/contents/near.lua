-- The index of near-duplicates: finds the articles at a text's bands (look) and the one most alike (nearest), and adds a
-- text (add). tasks/dedupe/minhash.py says what bands and sketches are.
--
-- Keys, under the prefix. Those of a week expire when the next week ends; searches look at both weeks:
--   near:<week>                    string  how many articles the week has: each gets the next number
--   near:<week>:<level><3 bytes>   string  entries of 6 bytes: the last 2 bytes of a band, an article's number
--   near:<week>:s<4 bytes>         hash    an article's number modulo SKETCHES -> its id, then its sketch
--   near:<week>:n<4 bytes>         hash    the same -> hashes of its names and numbers (tasks/dedupe/particulars.py); of its own,
--                                          since with the sketch it would be longer than what Redis keeps as a listpack.
--                                          Articles of minhash-1 have none, and are judged without.
--
-- Entries in strings, not in hashes: Redis finds a field of a listpack one by one, string.find is 10 times as fast.
-- Levels keep the strings short, whatever the number of articles: level 0 has 4,096 of them for a week's first 65,536
-- articles, each further level eight times as many for as many articles in all.
local P = KEYS[1]
local WEEK = 604800
local FIRST_BITS, FIRST_ARTICLES, MOST_BITS = 12, 65536, 24
local BAND, MOST_BANDS, ENTRY, SKETCHES = 6, 24, 6, 64
-- Articles kept at one band, the newest ones, and articles compared with one text, those that share most bands. These
-- bound the script where a site's boilerplate brings thousands of articles together.
local MOST_LISTED, MOST_COMPARED = 8, 32
-- From tasks/dedupe/minhash.py; a test compares the scores.
local NEAR, NAMED, ROWS, BY_CHANCE, SIZE_STEPS = 0.42, 0.34, 94, 1 / 16, 16
-- From tasks/dedupe/particulars.py.
local MOST, NUMBERS, NAMES, TOGETHER, LEAST = 32, 3, 4, 4, 0.5

local function level_of(number)
  local level, last = 0, FIRST_ARTICLES
  while number > last do level, last = level + 1, last * 8 end
  return level
end

local function place_of(week, level)
  local buckets = 2 ^ math.min(FIRST_BITS + 3 * level, MOST_BITS)
  return {week = week, level = level, prefix = P .. 'near:' .. week .. ':' .. level, buckets = buckets}
end

local function bucket_of(place, band)
  return place.prefix .. struct.pack('>I3', struct.unpack('<I4', band) % place.buckets)
end

local function sketch_place(week, number)
  return P .. 'near:' .. week .. ':s' .. struct.pack('>I4', math.floor(number / SKETCHES)), number % SKETCHES
end

local function particulars_place(week, number)
  return P .. 'near:' .. week .. ':n' .. struct.pack('>I4', math.floor(number / SKETCHES)), number % SKETCHES
end

-- All keys of a week expire together, a week after its end.
local function expire(key, week)
  redis.call('EXPIREAT', key, (week + 2) * WEEK)
end

-- Counts the articles that a bucket has at a band in `hits`, and appends new ones to `order`. Returns the number of
-- entries, and the offset of the oldest.
local function meet(bucket, field, week, hits, order)
  local entries, oldest, offset, from = 0, nil, nil, 1
  while true do
    local at = string.find(bucket, field, from, true)
    if not at then return entries, offset end
    if at % ENTRY == 1 then
      local number = struct.unpack('>I4', bucket, at + 2)
      local one = week * 2 ^ 32 + number
      if not hits[one] then order[#order + 1] = one end
      hits[one] = (hits[one] or 0) + 1
      entries = entries + 1
      if not oldest or number < oldest then oldest, offset = number, at - 1 end
      from = at + ENTRY
    else
      from = at + 1
    end
  end
end

-- Returns the articles at the bands, grouped by how many bands they share; and for `add` the week, its newest place,
-- and the offset of the entry to replace at each band that is full there.
local function look(bands)
  local week = math.floor(tonumber(redis.call('TIME')[1]) / WEEK)
  local places = {}
  for _, one in ipairs({week - 1, week}) do
    local count = tonumber(redis.call('GET', P .. 'near:' .. one) or 0)
    for level = 0, count > 0 and level_of(count) or -1 do places[#places + 1] = place_of(one, level) end
  end
  local hits, order, full = {}, {}, {}
  for index, place in ipairs(places) do
    local keys = {}
    for at = 1, #bands, BAND do keys[#keys + 1] = bucket_of(place, string.sub(bands, at, at + 3)) end
    for band, bucket in ipairs(redis.call('MGET', unpack(keys))) do
      if bucket then
        local at = (band - 1) * BAND + 1
        local entries, offset = meet(bucket, string.sub(bands, at + 4, at + 5), place.week, hits, order)
        if index == #places and entries >= MOST_LISTED then full[at] = offset end
      end
    end
  end
  local shared = {}
  for _, one in ipairs(order) do
    local group = shared[hits[one]] or {}
    shared[hits[one]] = group
    group[#group + 1] = one
  end
  return {week = week, newest = places[#places], full = full, shared = shared}
end

-- Returns score and containment.
local function score_of(mine, theirs)
  local a, b, same = {string.byte(mine, 1, -1)}, {string.byte(theirs, 1, -1)}, 0
  for at = 2, #a do
    local different = bit.bxor(a[at], b[at])
    if different == 0 then
      same = same + 2
    elseif different < 16 or different % 16 == 0 then
      same = same + 1
    end
  end
  local resemblance = math.max(0, (same / ROWS - BY_CHANCE) / (1 - BY_CHANCE))
  local size, other = 2 ^ (a[1] / SIZE_STEPS), 2 ^ (b[1] / SIZE_STEPS)
  local shared = resemblance / (1 + resemblance) * (size + other)
  local containment = math.min(1, shared / math.min(size, other))
  return (resemblance + containment) / 2, containment
end

-- Whether two texts tell of other things, though they share so much of the shorter one: are_other_stories in particulars.py.
local function are_other_stories(mine, theirs, containment)
  if not theirs or mine == '' or theirs == '' then return false end
  local last = 65535
  for _, some in ipairs({mine, theirs}) do
    if #some == 2 * MOST then last = math.min(last, (struct.unpack('>I2', some, 2 * MOST - 1))) end
  end
  local known, both = {}, {[0] = 0, 0}
  local counts = {{[0] = 0, 0}, {[0] = 0, 0}}
  for index, some in ipairs({mine, theirs}) do
    for at = 1, #some, 2 do
      local hash = struct.unpack('>I2', some, at)
      if hash <= last then
        counts[index][hash % 2] = counts[index][hash % 2] + 1
        if known[hash] then both[hash % 2] = both[hash % 2] + 1 end
        if index == 1 then known[hash] = true end
      end
    end
  end
  local told, all, same = false, 0, 0
  for kind, enough in pairs({[1] = NUMBERS, [0] = NAMES}) do
    local fewer = math.min(counts[1][kind], counts[2][kind])
    if fewer >= enough then
      if both[kind] < LEAST * containment * fewer then return true end
      told = true
    end
    all, same = all + fewer, same + both[kind]
  end
  return not told and all >= TOGETHER and same < LEAST * containment * all
end

-- Returns the id of the article that is most alike, and the score in %; nil if none is near enough. One of those that are
-- `named` goes before all others, and needs to be less alike. One that tells of other things is none.
local function nearest(index, me, sketch, particulars, forget, named)
  local best, score, rank, compared = nil, 0, 0, 0
  for bands = MOST_BANDS, 1, -1 do
    for _, one in ipairs(index.shared[bands] or {}) do
      if compared == MOST_COMPARED then break end
      compared = compared + 1
      local week, number = math.floor(one / 2 ^ 32), one % 2 ^ 32
      local key, field = sketch_place(week, number)
      local entry = redis.call('HGET', key, field)
      local id = entry and string.sub(entry, 1, 16)
      if id and forget[id] then
        redis.call('HDEL', key, field)
        redis.call('HDEL', particulars_place(week, number))
      elseif id and id ~= me then
        local alike, containment = score_of(sketch, string.sub(entry, 17))
        local least, own = NEAR, alike
        if named[id] then least, own = NAMED, alike + 1 end
        if alike >= least and own > rank
          and not are_other_stories(particulars, redis.call('HGET', particulars_place(week, number)), containment) then
          best, score, rank = id, alike, own
        end
      end
    end
  end
  return best, math.floor(score * 100 + 0.5)
end

-- Adds the article at its bands. Returns the keys of its sketch and of its names and numbers, and its field in both.
local function add(index, me, bands, sketch, particulars)
  local week, newest = index.week, index.newest
  local counter = P .. 'near:' .. week
  local number = redis.call('INCR', counter)
  if number == 1 then expire(counter, week) end
  local place, packed = place_of(week, level_of(number)), struct.pack('>I4', number)
  local same_place = newest and newest.week == week and newest.level == place.level
  for at = 1, #bands, BAND do
    local band = string.sub(bands, at, at + BAND - 1)
    local key = bucket_of(place, band)
    if same_place and index.full[at] then
      redis.call('SETRANGE', key, index.full[at] + 2, packed)
    elseif redis.call('APPEND', key, string.sub(band, 5) .. packed) == ENTRY then
      expire(key, week)
    end
  end
  local key, field = sketch_place(week, number)
  redis.call('HSET', key, field, me .. sketch)
  if redis.call('HLEN', key) == 1 then expire(key, week) end
  local other = particulars_place(week, number)
  if particulars ~= '' then
    redis.call('HSET', other, field, particulars)
    if redis.call('HLEN', other) == 1 then expire(other, week) end
  end
  return key, other, field
end
