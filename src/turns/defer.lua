-- DEFER: the turn cannot be thought now. It stays in the inbox; the customer is told once.
-- KEYS  conversation, queue, outbox
-- ARGV  epoch, notice (empty: none), digest of the notice, outbox ttl ms
-- gives {'fenced'}, {'paused'} or {'deferred', send id or 0}
local known = redis.call('HMGET', KEYS[1], 'epoch', 'pause')
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
if (tonumber(known[2]) or 0) > now then return {'paused'} end
if known[1] ~= ARGV[1] then return {'fenced'} end
redis.call('HINCRBY', KEYS[1], 'deferred', 1)
if ARGV[2] == '' or redis.call('HSETNX', KEYS[1], 'noticed', 1) == 0 then return {'deferred', 0} end
local id = redis.call('HINCRBY', KEYS[1], 'sends', 1)
redis.call('RPUSH', KEYS[2], id)
redis.call('HSET', KEYS[3], 'state:' .. id, 'planned', 'text:' .. id, ARGV[2], 'digest:' .. id, ARGV[3],
           'attempt:' .. id, 0)
redis.call('PEXPIRE', KEYS[3], ARGV[4])
return {'deferred', id}
