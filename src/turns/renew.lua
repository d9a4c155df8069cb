-- RENEW: the worker is alive; its lease lasts longer.
-- KEYS  conversation, due
-- ARGV  member, epoch, lease ms
-- gives 1, or 0 when the conversation is no longer this worker's
if redis.call('HGET', KEYS[1], 'epoch') ~= ARGV[2] then return 0 end
local time = redis.call('TIME')
redis.call('ZADD', KEYS[2], time[1] * 1000 + math.floor(time[2] / 1000) + ARGV[3], ARGV[1])
return 1
