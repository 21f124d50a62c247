-- ARGV: host concurrency, then ids of leased articles whose record only Lua can read: no UTF-8, say.
-- Sets their records aside, and frees their hosts' places.
even_if_full()
local concurrency, now = tonumber(ARGV[1]), now_ms()
for i = 2, #ARGV do
  local id = ARGV[i]
  local record, text = leased(id)
  if record then
    weigh(record, nil)
    unlease(id, record, concurrency, now)
    age(record, -1)
    refresh_host(record.host, concurrency, now)
    set_record_aside('in flight', id, text, now)
  end
end
