-- SWEEP: conversations somebody should have looked at by now.
-- KEYS  due
-- ARGV  at most
local time = redis.call('TIME')
return redis.call('ZRANGE', KEYS[1], '-inf', time[1] * 1000 + math.floor(time[2] / 1000), 'BYSCORE', 'LIMIT', 0, ARGV[1])
