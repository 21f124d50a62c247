-- ARGV: the version of the program. Notes it where none or an older one is noted; returns the version that is noted.
even_if_full()
local noted, version = tonumber(redis.call('GET', P .. 'version') or 0), tonumber(ARGV[1])
if noted >= version then return noted end
redis.call('SET', P .. 'version', version)
return version
