-- ARGV: again ('1' to queue settled URLs again), host concurrency, then for each URL: id, host, priority, JSON, and what the
-- store knows of it: an outcome's letter, - for a row that was deleted, '' for nothing.
-- What this Redis has forgotten and the store knows is settled again, and counted.
-- Returns one letter a URL: n for new, else its state, - for one that was deleted; in upper case what it had forgotten.
-- Fails while Redis has less than a tenth of its maxmemory left: that is reserved for articles in flight.
local memory = redis.call('INFO', 'memory')
local limit = tonumber(string.match(memory, '\nmaxmemory:(%d+)'))
if limit > 0 and tonumber(string.match(memory, '\nused_memory:(%d+)')) > 0.9 * limit then
  return redis.error_reply('OOM less than a tenth of maxmemory is left')
end
local again, concurrency = ARGV[1] == '1', tonumber(ARGV[2])
local now = now_ms()
local hosts, states, minutes = {}, {}, {}
local added = 0
for i = 3, #ARGV, 5 do
  local id, host, priority, body, known = ARGV[i], ARGV[i + 1], ARGV[i + 2], ARGV[i + 3], ARGV[i + 4]
  local state, forgotten
  if known == '' or (known == '-' and again) then
    state = new_state(id, 'w')
  else
    state = get_state(id) or known
    if state == known and known ~= '-' and new_state(id, known) == nil then
      count(known, 1)
      forgotten = true
    end
  end
  local settled = state and state ~= 'w' and state ~= 'f' and state ~= 'l'
  if not state or (again and settled) then
    if settled then
      count(state, -1)
      set_state(id, 'w')
    end
    -- The record begins with its time of submission, on Redis's clock: {"at":...,<body>
    local head = '{"at":' .. string.format('%.0f', now) .. ','
    if state == 'e' or state == 'd' then head = head .. '"again":true,' end
    redis.call('RPUSH', queue_key(priority, host), id .. head .. body)
    hosts[host] = true
    added = added + 1
    states[#states + 1] = 'n'
  else
    states[#states + 1] = forgotten and string.upper(state) or state
  end
end
if added > 0 then
  count('waiting', added)
  redis.call('HINCRBY', P .. 'ages', math.floor(now / 60000), added)
  for host in pairs(hosts) do refresh_host(host, concurrency, now) end
end
return table.concat(states)
