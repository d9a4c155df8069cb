-- RECORD: an event that needs no answer is kept, once, for whoever reads the stream.
-- KEYS  dedupe, events
-- ARGV  event, dedupe ttl ms, stream length
-- gives 1, or 0 for a redelivery
if redis.call('EXISTS', KEYS[1]) == 1 then return 0 end
redis.call('XADD', KEYS[2], 'MAXLEN', '~', ARGV[3], '*', 'event', ARGV[1])
redis.call('SET', KEYS[1], '1', 'PX', ARGV[2])
return 1
