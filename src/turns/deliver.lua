-- DELIVER: a message for a web chat joins the conversation's live events, once, however often it is asked for.
-- KEYS  own, live events
-- ARGV  own ttl ms, most events, live events ttl ms, event type, data
-- gives 1, or 0 when it was there already
if redis.call('EXISTS', KEYS[1]) == 1 then return 0 end
redis.call('XADD', KEYS[2], 'MAXLEN', '~', ARGV[2], '*', 'type', ARGV[4], 'data', ARGV[5])
redis.call('PEXPIRE', KEYS[2], ARGV[3])
redis.call('SET', KEYS[1], '1', 'PX', ARGV[1]) -- last: a key of another type fails before it
return 1
