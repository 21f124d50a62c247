-- ARGV: again ('1' to queue settled URLs again), host concurrency, then for each URL: id, host, priority, JSON.
-- Returns one letter a URL: n for new, else its state.
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
for i = 3, #ARGV, 4 do
  local id, host, priority, body = ARGV[i], ARGV[i + 1], ARGV[i + 2], ARGV[i + 3]
  local state = new_state(id, 'w')
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
    states[#states + 1] = state
  end
end
if added > 0 then
  count('waiting', added)
  redis.call('HINCRBY', P .. 'ages', math.floor(now / 60000), added)
  for host in pairs(hosts) do refresh_host(host, concurrency, now) end
end
return table.concat(states)
