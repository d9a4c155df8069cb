-- SEND-END: what became of a send. A fact, so it is never fenced: a worker that lost its lease must still be able to
-- say that it did send. With the last send of a turn the worker hands the conversation back in the same step.
-- KEYS  those of the conversation, own
-- ARGV  member, send id, 'delivered', 'rejected', 'retry' or 'ambiguous', own ttl ms, ms until an uncertain send is
--       looked for, why it was rejected, then to hand back: epoch, least delay ms, idle ttl ms, 1 if the delay is firm
-- gives {'recorded'}, or what hand_back gives
local id, status = ARGV[2], ARGV[3]
local known = redis.call('HGET', outbox, 'state:' .. id)
if status == 'delivered' then
    redis.call('SET', KEYS[11], '1', 'PX', ARGV[4])
    redis.call('HSET', conversation, 'answered_at', now)
end
if status == 'retry' then
    -- Only for as long as the turn is this worker's: another one may have begun the send by now.
    if known == 'sending' and (not ARGV[7] or redis.call('HGET', conversation, 'epoch') == ARGV[7]) then
        redis.call('HSET', outbox, 'state:' .. id, 'planned')
        redis.call('HINCRBY', outbox, 'attempt:' .. id, 1)
    elseif known and (tonumber(redis.call('HGET', conversation, 'pause')) or 0) > now then
        redis.call('LREM', queue, 1, id) -- it did not leave, and a person has taken over
        forget_send(id)
    end
else
    redis.call('LREM', queue, 1, id)
    if status == 'ambiguous' and known and known ~= 'delivered' then
        name_ambiguous(id, tonumber(ARGV[5]))
    elseif status == 'rejected' and known then
        name_missing(id, ARGV[6])
    else
        forget_send(id)
    end
end
if not ARGV[7] then return {'recorded'} end
return hand_back(ARGV[7], ARGV[8], ARGV[9], ARGV[10])
