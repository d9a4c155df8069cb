-- SEND-BEGIN: fenced start of a send, the last look before the wire. From here until SEND-END its outcome is unknown.
-- KEYS  those of the conversation
-- ARGV  member, epoch, send id, lease ms
-- gives {'go'}, {'fenced'}, {'paused', 1 if a person took over just now}, {'held', ms} or {'gone'}
local undecided = settle_held()
local known = redis.call('HMGET', conversation, 'epoch', 'pause')
if (tonumber(known[2]) or 0) > now then return {'paused', person_took_over} end -- guard: human
if undecided then return {'held', undecided} end -- guard: human
if known[1] ~= ARGV[2] then return {'fenced'} end -- guard: epoch
if redis.call('HGET', outbox, 'state:' .. ARGV[3]) ~= 'planned' then return {'gone'} end
redis.call('HSET', outbox, 'state:' .. ARGV[3], 'sending', 'begun:' .. ARGV[3], now)
redis.call('ZADD', due_set, now + ARGV[4], member)
return {'go'}
