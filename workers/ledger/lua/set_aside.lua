-- ARGV: the queue of a message that nobody can read, the reason, and what is known of it (prelude.lua, `set_aside`).
even_if_full()
set_aside(ARGV[1], ARGV[2], ARGV[3], now_ms())
