-- FORGET: an operator has everything that is known of a contact erased, and what waits is given up. A pause stays, and so
-- do numbers that must not begin anew: what they name may still be on its way.
-- KEYS  those of the conversation, notes, live events, dead letters, times of its answers, watched, session
-- ARGV  member
-- gives {'unknown'} or {'forgotten', 1 if it was being worked on}
check_types()
local function is_known()
    if redis.call('EXISTS', conversation, inbox, outbox, history, held, journal, KEYS[11], KEYS[12], KEYS[14], KEYS[16]) > 0 then
        return true
    end
    for _, field in ipairs(redis.call('HKEYS', KEYS[13])) do
        if string.sub(field, 1, #member + 1) == member .. ' ' then return true end
    end
    return false
end
if not is_known() then return {'unknown'} end

local remains = redis.call('EXISTS', conversation) == 1
local working = redis.call('HGET', conversation, 'state') == 'run' and 1 or 0
local waiting = redis.call('LLEN', inbox)
redis.call('DEL', inbox, KEYS[14], KEYS[15], KEYS[16])
forget_all(KEYS[11], KEYS[12], KEYS[13])
if not remains then
    redis.call('DEL', conversation)
    return {'forgotten', working}
end
redis.call('HDEL', conversation, 'state', 'first', 'next', 'not_before', 'firm', 'attempt', 'superseded', 'noticed',
           'deferred', 'committed', 'planned', 'rapid', 'answered_at', 'resumed_at', 'hand_over')
redis.call('HINCRBY', conversation, 'epoch', 1) -- whoever is thinking now has nothing left to do
redis.call('HINCRBY', conversation, 'consumed', waiting)
schedule()
return {'forgotten', working}
