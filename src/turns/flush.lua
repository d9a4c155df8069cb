-- FLUSH: the conversation is looked at now instead of after its quiet window or its retry delay. A pause
-- stays, and so does a delay the platform asked for.
-- KEYS  those of the conversation
-- ARGV  member
-- gives {'running'}, {'nothing'} or {'due', due ms, now ms}
if redis.call('HGET', conversation, 'state') == 'run' then return {'running'} end
if redis.call('LLEN', inbox) == 0 and redis.call('LLEN', queue) == 0 then return {'nothing'} end
local firm = tonumber(redis.call('HGET', conversation, 'firm')) or 0
if firm > now then
    redis.call('HSET', conversation, 'not_before', firm)
else
    redis.call('HDEL', conversation, 'not_before', 'firm')
end
if redis.call('LLEN', inbox) > 0 then
    local next = tonumber(redis.call('HGET', conversation, 'next')) or now
    redis.call('HSET', conversation, 'next', math.min(next, now))
end
return {'due', schedule(), now}
