-- ECHO: a message left the shop's account. Ours is recognised; anything else is a person who took over: what the
-- customer wrote is theirs to answer, what the bot had planned is cancelled, and the bot is silent for a while.
-- KEYS  dedupe, conversation, inbox, due, queue, outbox, history, own
-- ARGV  member, text digest, history item, pause ms, dedupe ttl ms, claim window ms, history ttl ms, history length
-- gives {'duplicate'}, {'own'} or {'person', pause until ms, cancelled sends}
if not redis.call('SET', KEYS[1], '1', 'NX', 'PX', ARGV[5]) then return {'duplicate'} end
if redis.call('EXISTS', KEYS[8]) == 1 then return {'own'} end
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)

-- The echo may overtake the answer to our own send: a send under way, or of unknown outcome, with the same text is it.
local outbox = redis.call('HGETALL', KEYS[6])
local sends = {}
for i = 1, #outbox, 2 do sends[outbox[i]] = outbox[i + 1] end
for field, digest in pairs(sends) do
    if string.sub(field, 1, 7) == 'digest:' and digest == ARGV[2] then
        local id = string.sub(field, 8)
        local state = sends['state:' .. id]
        local begun = tonumber(sends['begun:' .. id]) or 0
        if (state == 'sending' or state == 'ambiguous') and now - begun <= tonumber(ARGV[6]) then
            if state == 'sending' then
                redis.call('HSET', KEYS[6], 'state:' .. id, 'delivered') -- SEND-END will tidy up
            else
                redis.call('HDEL', KEYS[6], field, 'state:' .. id, 'text:' .. id, 'attempt:' .. id, 'begun:' .. id)
            end
            redis.call('SET', KEYS[8], '1', 'PX', ARGV[5])
            return {'own'}
        end
    end
end

local cancelled = 0
for _, id in ipairs(redis.call('LRANGE', KEYS[5], 0, -1)) do
    if sends['state:' .. id] == 'planned' then
        redis.call('HDEL', KEYS[6], 'state:' .. id, 'text:' .. id, 'digest:' .. id, 'attempt:' .. id, 'begun:' .. id)
        redis.call('LREM', KEYS[5], 1, id)
        cancelled = cancelled + 1
    end
end
for _, item in ipairs(redis.call('LRANGE', KEYS[3], 0, -1)) do redis.call('RPUSH', KEYS[7], item) end
redis.call('RPUSH', KEYS[7], ARGV[3])
redis.call('LTRIM', KEYS[7], -tonumber(ARGV[8]), -1)
redis.call('PEXPIRE', KEYS[7], ARGV[7])
redis.call('DEL', KEYS[3])
redis.call('ZREM', KEYS[4], ARGV[1])
redis.call('HDEL', KEYS[2], 'state', 'first', 'next', 'attempt', 'superseded', 'noticed', 'deferred')
redis.call('HINCRBY', KEYS[2], 'epoch', 1) -- whoever is thinking now has nothing left to do
redis.call('HSET', KEYS[2], 'pause', now + ARGV[4])
redis.call('PEXPIRE', KEYS[2], ARGV[7])
return {'person', now + ARGV[4], cancelled}
