-- ARGV: host concurrency, then servers.
-- Counts anew how many articles of these are in flight, after a record was lost that would have freed its place.
even_if_full()
local concurrency, now, counts = tonumber(ARGV[1]), now_ms(), {}
local function add(server)
  counts[server] = (counts[server] or 0) + 1
end
for _, text in ipairs(redis.call('HVALS', P .. 'flight')) do
  local record = readable(text)
  if record and record.host then
    add(record.host)
    for _, guest in ipairs(record.guests or {}) do add(guest) end
  end
end
for i = 2, #ARGV do
  redis.call('HSET', host_key(ARGV[i]), 'n', counts[ARGV[i]] or 0)
  refresh_host(ARGV[i], concurrency, now)
end
