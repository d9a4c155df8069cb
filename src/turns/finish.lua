-- FINISH: the worker hands the conversation back: due again for what is left, or idle.
-- KEYS  conversation, inbox, due, queue
-- ARGV  member, epoch, least delay ms before anybody looks again (0: none), idle ttl ms
-- gives {'fenced'}, {'idle'} or {'due', due ms, now ms}
if redis.call('HGET', KEYS[1], 'epoch') ~= ARGV[2] then return {'fenced'} end
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local due
if redis.call('LLEN', KEYS[4]) > 0 then
    due = now
elseif redis.call('LLEN', KEYS[2]) > 0 then
    due = tonumber(redis.call('HGET', KEYS[1], 'next')) or now
end
redis.call('HDEL', KEYS[1], 'state', 'next', 'attempt')
redis.call('PEXPIRE', KEYS[1], ARGV[4])
if not due then
    redis.call('ZREM', KEYS[3], ARGV[1])
    redis.call('HDEL', KEYS[1], 'first', 'superseded', 'noticed', 'deferred')
    return {'idle'}
end
due = math.max(due, now + ARGV[3])
redis.call('ZADD', KEYS[3], due, ARGV[1])
return {'due', due, now}
