-- SEND-END: what became of a send. A fact, so it is never fenced: a worker that lost its lease must still be able to
-- say that it did send.
-- KEYS  outbox, queue, own, ambiguous
-- ARGV  member, send id, 'delivered', 'rejected', 'retry' or 'ambiguous', own ttl ms
local id, status = ARGV[2], ARGV[3]
local known = redis.call('HGET', KEYS[1], 'state:' .. id)
if status == 'delivered' then redis.call('SET', KEYS[3], '1', 'PX', ARGV[4]) end
if status == 'retry' and known == 'sending' then
    redis.call('HSET', KEYS[1], 'state:' .. id, 'planned')
    redis.call('HINCRBY', KEYS[1], 'attempt:' .. id, 1)
    return status
end
redis.call('LREM', KEYS[2], 1, id)
if status == 'ambiguous' and known ~= 'delivered' then
    local time = redis.call('TIME')
    redis.call('HSET', KEYS[1], 'state:' .. id, 'ambiguous')
    redis.call('RPUSH', KEYS[4], cjson.encode({ conversation = ARGV[1], send = id, at = time[1] * 1000 }))
else
    redis.call('HDEL', KEYS[1], 'state:' .. id, 'text:' .. id, 'digest:' .. id, 'attempt:' .. id, 'begun:' .. id)
end
return status
