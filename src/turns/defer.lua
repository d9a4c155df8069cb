-- DEFER: the turn cannot be thought now. It stays in the inbox; the customer is told once.
-- KEYS  those of the conversation
-- ARGV  member, epoch, notice (empty: none), digest of the notice, outbox ttl ms
-- gives {'fenced'}, {'paused'} or {'deferred', send id or 0}
local known = redis.call('HMGET', conversation, 'epoch', 'pause')
if (tonumber(known[2]) or 0) > now then return {'paused'} end -- guard: human
if known[1] ~= ARGV[2] then return {'fenced'} end -- guard: epoch
redis.call('HINCRBY', conversation, 'deferred', 1)
if ARGV[3] == '' or redis.call('HSETNX', conversation, 'noticed', 1) == 0 then return {'deferred', 0} end
local id = queue_send(ARGV[3], ARGV[4])
redis.call('PEXPIRE', outbox, ARGV[5])
return {'deferred', id}
