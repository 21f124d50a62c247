-- Returns all counts; the number of leases; the minutes of `ages`; id and time of the article that is due next; the clock.
-- It is a script, since a full Redis refuses a transaction.
return {
  redis.call('HGETALL', P .. 'counts'),
  redis.call('ZCARD', P .. 'leases'),
  redis.call('HKEYS', P .. 'ages'),
  redis.call('ZRANGE', P .. 'later', 0, 0, 'WITHSCORES'),
  redis.call('TIME'),
}
