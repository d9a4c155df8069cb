-- SEND-END: what became of a send. A fact, so it is never fenced: a worker that lost its lease must still be able to
-- say that it did send. With the last send of a turn the worker hands the conversation back in the same step.
-- KEYS  outbox, queue, own, ambiguous, then to hand back: conversation, inbox, due
-- ARGV  member, send id, 'delivered', 'rejected', 'retry' or 'ambiguous', own ttl ms, then to hand back: epoch, least
--       delay ms, idle ttl ms
-- gives {'recorded'}, or what hand_back gives
local id, status = ARGV[2], ARGV[3]
local known = redis.call('HGET', KEYS[1], 'state:' .. id)
if status == 'delivered' then redis.call('SET', KEYS[3], '1', 'PX', ARGV[4]) end
if status == 'retry' and known == 'sending' then
    redis.call('HSET', KEYS[1], 'state:' .. id, 'planned')
    redis.call('HINCRBY', KEYS[1], 'attempt:' .. id, 1)
else
    redis.call('LREM', KEYS[2], 1, id)
    if status == 'ambiguous' and known ~= 'delivered' then
        local time = redis.call('TIME')
        redis.call('HSET', KEYS[1], 'state:' .. id, 'ambiguous')
        redis.call('RPUSH', KEYS[4], cjson.encode({ conversation = ARGV[1], send = id, at = time[1] * 1000 }))
    else
        redis.call('HDEL', KEYS[1], 'state:' .. id, 'text:' .. id, 'digest:' .. id, 'attempt:' .. id, 'begun:' .. id)
    end
end
if not ARGV[5] then return {'recorded'} end
return hand_back(KEYS[5], KEYS[6], KEYS[7], KEYS[2], ARGV[1], ARGV[5], ARGV[6], ARGV[7])
