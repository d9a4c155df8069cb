-- PLAN: the commit point. Before it the turn can be thought again; after it the turn is answered and its sends are
-- queued.
-- KEYS  conversation, inbox, due, queue, outbox, history
-- ARGV  member, epoch, messages claimed, amendments seen, 1 if the turn must not be thought again, lease ms,
--       history length, history ttl ms, most supersedes, 1 if the first send begins at once (as by SEND-BEGIN), number
--       of history items, history items…, then per send: text, digest
-- gives {'fenced'}, {'paused'}, {'superseded'} or {'planned', send id…}
local known = redis.call('HMGET', KEYS[1], 'epoch', 'pause', 'amended', 'superseded')
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
if (tonumber(known[2]) or 0) > now then return {'paused'} end
if known[1] ~= ARGV[2] then return {'fenced'} end

local claimed = tonumber(ARGV[3])
local more = redis.call('LLEN', KEYS[2]) > claimed or (tonumber(known[3]) or 0) ~= tonumber(ARGV[4])
if more and ARGV[5] ~= '1' and (tonumber(known[4]) or 0) < tonumber(ARGV[9]) then
    redis.call('HINCRBY', KEYS[1], 'superseded', 1)
    return {'superseded'}
end

redis.call('LTRIM', KEYS[2], claimed, -1)
redis.call('HDEL', KEYS[1], 'attempt', 'superseded', 'noticed', 'deferred', 'first')
if redis.call('EXISTS', KEYS[2]) == 1 then redis.call('HSET', KEYS[1], 'first', now) end
local items = tonumber(ARGV[11])
for i = 1, items do redis.call('RPUSH', KEYS[6], ARGV[11 + i]) end
redis.call('LTRIM', KEYS[6], -tonumber(ARGV[7]), -1)
redis.call('PEXPIRE', KEYS[6], ARGV[8])
redis.call('HINCRBY', KEYS[1], 'turn', 1)
redis.call('ZADD', KEYS[3], now + ARGV[6], ARGV[1])
local planned = {'planned'}
for i = 12 + items, #ARGV, 2 do
    local id = redis.call('HINCRBY', KEYS[1], 'sends', 1)
    redis.call('RPUSH', KEYS[4], id)
    redis.call('HSET', KEYS[5], 'state:' .. id, 'planned', 'text:' .. id, ARGV[i], 'digest:' .. id, ARGV[i + 1],
               'attempt:' .. id, 0)
    planned[#planned + 1] = id
end
if ARGV[10] == '1' and planned[2] then
    redis.call('HSET', KEYS[5], 'state:' .. planned[2], 'sending', 'begun:' .. planned[2], now)
end
redis.call('PEXPIRE', KEYS[5], ARGV[8])
return planned
