-- SEND-BEGIN: fenced start of a send. From here until SEND-END its outcome is unknown.
-- KEYS  conversation, outbox, due
-- ARGV  member, epoch, send id, lease ms
-- gives 'go', 'fenced', 'paused' or 'gone'
local known = redis.call('HMGET', KEYS[1], 'epoch', 'pause')
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
if (tonumber(known[2]) or 0) > now then return 'paused' end
if known[1] ~= ARGV[2] then return 'fenced' end
if redis.call('HGET', KEYS[2], 'state:' .. ARGV[3]) ~= 'planned' then return 'gone' end
redis.call('HSET', KEYS[2], 'state:' .. ARGV[3], 'sending', 'begun:' .. ARGV[3], now)
redis.call('ZADD', KEYS[3], now + ARGV[4], ARGV[1])
return 'go'
