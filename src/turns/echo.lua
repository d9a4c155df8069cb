-- ECHO: a message left the shop's account. Ours is recognised; anything else is held for a while, because our own may
-- come before we know its id, and is then a person who took over.
-- KEYS  those of the conversation, dedupe, own
-- ARGV  member, text digest, history item, pause ms, dedupe ttl ms, claim window ms, history ttl ms, history length,
--       hold ms (0: surely a person), when it left (ms, by the platform's clock)
-- gives {'duplicate'}, {'own'}, {'held', until ms, now ms} or {'person', pause until ms, cancelled sends}
if redis.call('EXISTS', KEYS[11]) == 1 then return {'duplicate'} end
local own = redis.call('EXISTS', KEYS[12]) == 1
if not own then check_types() end
redis.call('SET', KEYS[11], '1', 'PX', ARGV[5])
if own then return {'own'} end
if claim_in_flight(ARGV[2], ARGV[10], KEYS[12], ARGV[6], ARGV[5]) then return {'own'} end

if ARGV[9] == '0' then
    local cancelled = take_over(ARGV[3], ARGV[4], ARGV[7], ARGV[8])
    schedule()
    return {'person', now + ARGV[4], cancelled}
end
local until_ms = now + ARGV[9]
redis.call('RPUSH', held, cjson.encode({ own = KEYS[12], digest = ARGV[2], at = ARGV[10], words = ARGV[3], until_ms = until_ms,
           pause = ARGV[4], own_ttl = ARGV[5], window = ARGV[6], history_ttl = ARGV[7], history_length = ARGV[8] }))
redis.call('PEXPIRE', held, ARGV[7])
local known = redis.call('HMGET', conversation, 'state', 'held_until')
if not known[2] then redis.call('HSET', conversation, 'held_until', until_ms) end
keep_for(ARGV[7])
if known[1] ~= 'run' then schedule() end
return {'held', until_ms, now}
