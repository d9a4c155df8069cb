-- CLAIM: one worker takes a due conversation. The entry in `due` becomes its lease; the epoch fences every earlier
-- worker.
-- KEYS  conversation, inbox, due, queue, outbox, history, ambiguous, dead
-- ARGV  member, lease ms, most attempts
-- gives {'idle'}, {'early', due ms, now ms}, {'dead', messages}, or
--       {'claimed', epoch, attempt, turn, amendments, deferrals, inbox, history, {send id, text, attempt, …}, now ms,
--        sends found interrupted}
local due = tonumber(redis.call('ZSCORE', KEYS[3], ARGV[1]))
if not due then return {'idle'} end
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
if due > now then return {'early', due, now} end

local inbox = redis.call('LRANGE', KEYS[2], 0, -1)
local epoch = redis.call('HINCRBY', KEYS[1], 'epoch', 1)
local attempt = 1
if #inbox > 0 then attempt = redis.call('HINCRBY', KEYS[1], 'attempt', 1) end -- counts crashes: FINISH clears it
if attempt > tonumber(ARGV[3]) then
    redis.call('RPUSH', KEYS[8], cjson.encode({ conversation = ARGV[1], at = now, attempts = attempt - 1, inbox = inbox }))
    redis.call('DEL', KEYS[2])
    redis.call('HDEL', KEYS[1], 'state', 'first', 'next', 'attempt', 'superseded', 'noticed', 'deferred')
    if redis.call('LLEN', KEYS[4]) > 0 then -- what was planned before is still to be sent
        redis.call('ZADD', KEYS[3], now, ARGV[1])
    else
        redis.call('ZREM', KEYS[3], ARGV[1])
    end
    return {'dead', #inbox}
end
redis.call('HSET', KEYS[1], 'state', 'run')
redis.call('HDEL', KEYS[1], 'next')
redis.call('ZADD', KEYS[3], now + ARGV[2], ARGV[1])

-- A send that an earlier worker began and never finished may have left: it is named, not repeated.
local pending, interrupted = {}, 0
for _, id in ipairs(redis.call('LRANGE', KEYS[4], 0, -1)) do
    local send = redis.call('HMGET', KEYS[5], 'state:' .. id, 'text:' .. id, 'attempt:' .. id)
    if send[1] == 'planned' then
        pending[#pending + 1] = id
        pending[#pending + 1] = send[2]
        pending[#pending + 1] = send[3]
    else
        redis.call('LREM', KEYS[4], 1, id)
        if send[1] == 'sending' then
            redis.call('HSET', KEYS[5], 'state:' .. id, 'ambiguous')
            redis.call('RPUSH', KEYS[7], cjson.encode({ conversation = ARGV[1], send = id, at = now }))
            interrupted = interrupted + 1
        else
            redis.call('HDEL', KEYS[5], 'state:' .. id, 'text:' .. id, 'digest:' .. id, 'attempt:' .. id, 'begun:' .. id)
        end
    end
end
local known = redis.call('HMGET', KEYS[1], 'turn', 'amended', 'deferred')
return {'claimed', epoch, attempt, tonumber(known[1]) or 0, tonumber(known[2]) or 0, tonumber(known[3]) or 0, inbox,
        redis.call('LRANGE', KEYS[6], 0, -1), pending, now, interrupted}
