-- ARGV: host concurrency, then servers whose host's rule has changed (host_rules.py).
-- Puts them where they belong in `ready`: one that was denied is due at once.
even_if_full()
local now = now_ms()
for i = 2, #ARGV do refresh_host(ARGV[i], tonumber(ARGV[1]), now) end
