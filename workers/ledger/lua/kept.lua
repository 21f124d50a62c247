-- Returns the bytes of robots.txt files and of histories, how many idle hosts are kept; the bytes that each of the first two
-- may take, and how many hosts may be kept.
return {
  redis.call('GET', P .. 'robots:bytes'),
  redis.call('HGET', P .. 'counts', 'history'),
  redis.call('ZCARD', P .. 'idle'),
  share(),
  MOST_IDLE,
}
