-- PAUSE: somebody decides whether the bot answers this contact: silent until then, or back at once.
-- KEYS  those of the conversation, optionally the dedupe key of the event that asks for it
-- ARGV  member, pause ms (0: the bot answers again), history ttl ms, history length, dedupe ttl ms
-- gives {'duplicate'}, {'paused', until ms, cancelled sends} or {'resumed', due ms, now ms}
check_types()
if KEYS[11] and not redis.call('SET', KEYS[11], '1', 'NX', 'PX', ARGV[5]) then return {'duplicate'} end
if ARGV[2] ~= '0' then
    local cancelled = take_over(nil, ARGV[2], ARGV[3], ARGV[4])
    schedule()
    return {'paused', now + ARGV[2], cancelled}
end
redis.call('HDEL', conversation, 'pause', 'paused_by', 'rapid', 'held_until', 'hand_over')
redis.call('HSET', conversation, 'resumed_at', now) -- answers before it count for the day's limit alone
for _, item in ipairs(redis.call('LRANGE', held, 0, -1)) do redis.call('RPUSH', history, cjson.decode(item).words) end
redis.call('DEL', held)
local due = now
if redis.call('HGET', conversation, 'state') ~= 'run' then due = schedule() or now end
return {'resumed', due, now}
