-- DEAD-RETRY: a message that was set aside goes back into the inbox of its conversation, due now.
-- KEYS  those of the conversation, dead letters
-- ARGV  member, message id, idle ttl ms
-- gives {'gone'} or {'back', due ms, now ms}
local field = member .. ' ' .. ARGV[2]
local letter = redis.call('HGET', KEYS[11], field)
if not letter then return {'gone'} end
redis.call('HDEL', KEYS[11], field)
local known = redis.call('HMGET', conversation, 'state', 'committed', 'first', 'next')
-- A worker counts the messages it has claimed from the front of the inbox: what comes back meanwhile is behind them.
local claimed = known[1] == 'run' or known[2]
redis.call(claimed and 'RPUSH' or 'LPUSH', inbox, cjson.decode(letter).item)
redis.call('HINCRBY', conversation, 'consumed', -1)
redis.call('HSET', conversation, 'first', known[3] or now, 'next', math.min(tonumber(known[4]) or now, now))
keep_for(ARGV[3])
local due = now
if known[1] ~= 'run' then due = schedule() or now end
return {'back', due, now}
