-- Put before the scripts that end a worker's turn (FINISH, SEND-END): due again for what is left, or idle.
-- gives {'fenced'} if the turn is not this worker's any more, {'idle'} or {'due', due ms, now ms}
local function hand_back(conversation, inbox, due_set, queue, member, epoch, delay, idle_ttl)
    local known = redis.call('HMGET', conversation, 'epoch', 'state', 'next')
    if known[1] ~= epoch or known[2] ~= 'run' then return {'fenced'} end
    local time = redis.call('TIME')
    local now = time[1] * 1000 + math.floor(time[2] / 1000)
    local due
    if redis.call('LLEN', queue) > 0 then
        due = now
    elseif redis.call('LLEN', inbox) > 0 then
        due = tonumber(known[3]) or now
    end
    redis.call('HDEL', conversation, 'state', 'next', 'attempt')
    redis.call('PEXPIRE', conversation, idle_ttl)
    if not due then
        redis.call('ZREM', due_set, member)
        redis.call('HDEL', conversation, 'first', 'superseded', 'noticed', 'deferred')
        return {'idle'}
    end
    due = math.max(due, now + delay)
    redis.call('ZADD', due_set, due, member)
    return {'due', due, now}
end
