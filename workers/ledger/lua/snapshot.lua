-- Returns all counts; how many leases there are; the minutes of `ages`; id and time of what is due next; the clock.
-- A script and no transaction, which a full Redis refuses.
return {
  redis.call('HGETALL', P .. 'counts'),
  redis.call('ZCARD', P .. 'leases'),
  redis.call('HKEYS', P .. 'ages'),
  redis.call('ZRANGE', P .. 'later', 0, 0, 'WITHSCORES'),
  redis.call('TIME'),
}
