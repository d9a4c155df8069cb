-- Put before every script that works on one conversation: its keys, and what several of them do.
local conversation, inbox, due_set, queue = KEYS[1], KEYS[2], KEYS[3], KEYS[4]
local outbox, history, held, ambiguous, missing, journal = KEYS[5], KEYS[6], KEYS[7], KEYS[8], KEYS[9], KEYS[10]
local member = ARGV[1]

local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)

-- What a script has written is not undone when it fails: a key of another type than it should be fails here.
local function check_types()
    for _, hash in ipairs({ conversation, outbox }) do redis.call('HLEN', hash) end
    for _, list in ipairs({ inbox, queue, history, held, journal }) do redis.call('LLEN', list) end
    for _, set in ipairs({ due_set, ambiguous, missing }) do redis.call('ZCARD', set) end
end

-- Every field of every send there is a record of.
local function known_sends()
    local fields = redis.call('HGETALL', outbox)
    local sends = {}
    for i = 1, #fields, 2 do sends[fields[i]] = fields[i + 1] end
    return sends
end

-- With it goes what was to be sent instead of it.
local function forget_send(id)
    for other in string.gmatch(redis.call('HGET', outbox, 'instead:' .. id) or '', '%d+') do
        if redis.call('HGET', outbox, 'state:' .. other) == 'planned' then
            redis.call('LREM', queue, 1, other)
            forget_send(other)
        end
    end
    redis.call('HDEL', outbox, 'state:' .. id, 'text:' .. id, 'digest:' .. id, 'attempt:' .. id, 'begun:' .. id,
               'looks:' .. id, 'look_at:' .. id, 'reason:' .. id, 'audio:' .. id, 'instead:' .. id)
    redis.call('ZREM', ambiguous, member .. '#' .. id)
    redis.call('ZREM', missing, member .. '#' .. id)
end

-- The name of a send outlives the conversation that counts them: a new one goes on where no number was given before.
local function queue_send(text, digest)
    redis.call('HSETNX', conversation, 'sends', time[1])
    local id = redis.call('HINCRBY', conversation, 'sends', 1)
    redis.call('RPUSH', queue, id)
    redis.call('HSET', outbox, 'state:' .. id, 'planned', 'text:' .. id, text, 'digest:' .. id, digest, 'attempt:' .. id, 0)
    return id
end

-- Those that are not listed any more.
local function forget_unlisted()
    for field, state in pairs(known_sends()) do
        local id = string.match(field, '^state:(%d+)$')
        local is_listed = state == 'ambiguous' or state == 'missing' or state == 'rejected'
        if id and is_listed and not redis.call('ZSCORE', ambiguous, member .. '#' .. id) and
            not redis.call('ZSCORE', missing, member .. '#' .. id) then
            forget_send(id)
        end
    end
end

-- Somebody has to look at the conversation when the first of the uncertain sends is to be looked for.
local function plan_looks()
    local first
    for field, at in pairs(known_sends()) do
        if string.sub(field, 1, 8) == 'look_at:' then first = math.min(first or tonumber(at), tonumber(at)) end
    end
    if first then
        redis.call('HSET', conversation, 'check_at', first)
    else
        redis.call('HDEL', conversation, 'check_at')
    end
end

-- A send whose outcome nobody knows: listed, looked for, never repeated.
local function name_ambiguous(id, look_after)
    redis.call('HSET', outbox, 'state:' .. id, 'ambiguous', 'look_at:' .. id, now + look_after)
    redis.call('HDEL', outbox, 'looks:' .. id)
    redis.call('ZREM', missing, member .. '#' .. id)
    redis.call('ZADD', ambiguous, now, member .. '#' .. id)
    plan_looks()
end

-- It was looked for and is not there, or the platform refused it for good (with the reason): listed apart, because this
-- customer got no answer.
local function name_missing(id, reason)
    redis.call('HSET', outbox, 'state:' .. id, reason and 'rejected' or 'missing')
    if reason then redis.call('HSET', outbox, 'reason:' .. id, reason) end
    redis.call('HDEL', outbox, 'look_at:' .. id)
    redis.call('ZREM', ambiguous, member .. '#' .. id)
    redis.call('ZADD', missing, now, member .. '#' .. id)
end

-- When somebody must look at the conversation next, or nil: what is left to send or to answer, an echo that is held, a
-- send whose outcome is looked for.
local function next_look()
    local known = redis.call('HMGET', conversation, 'next', 'pause', 'not_before', 'held_until', 'check_at')
    local not_before = tonumber(known[3]) or 0
    local due
    if redis.call('LLEN', queue) > 0 then
        due = math.max(now, not_before)
    elseif redis.call('LLEN', inbox) > 0 then
        due = math.max(tonumber(known[1]) or now, tonumber(known[2]) or 0, not_before)
    end
    for i = 4, 5 do
        local at = tonumber(known[i])
        if at and (not due or at < due) then due = at end
    end
    return due
end

local function schedule()
    local due = next_look()
    if due then
        redis.call('ZADD', due_set, due, member)
    else
        redis.call('ZREM', due_set, member)
    end
    return due
end

-- The conversation is remembered for that long at least, and for as long as its pause lasts.
local function keep_for(ttl)
    local pause = (tonumber(redis.call('HGET', conversation, 'pause')) or 0) - now
    redis.call('PEXPIRE', conversation, math.max(ttl, pause, redis.call('PTTL', conversation)))
end

local function keep_last(items, length)
    if tonumber(length) > 0 then
        redis.call('LTRIM', items, -tonumber(length), -1)
    else
        redis.call('DEL', items)
    end
end

-- The bot has told the customer that a person will go on: it is silent once all of that has left. What the customer
-- writes meanwhile waits for the person.
local function hand_over()
    local pause = redis.call('HGET', conversation, 'hand_over')
    if not pause or redis.call('LLEN', queue) > 0 then return end
    redis.call('HSET', conversation, 'pause', now + pause, 'paused_by', 'hand-over')
    redis.call('HDEL', conversation, 'hand_over')
end

-- Nothing that was said is left, nor what was planned; counters stay, and a send under way ends as it would. The others
-- are keys.
local function forget_all(notes, live, dead)
    redis.call('DEL', history, notes) -- guard: forgotten
    redis.call('DEL', journal, held, live)
    local sends = known_sends()
    for field, state in pairs(sends) do
        local id = state ~= 'sending' and string.match(field, '^state:(%d+)$')
        if id then
            redis.call('LREM', queue, 1, id)
            forget_send(id)
        end
    end
    for _, list in ipairs({ ambiguous, missing }) do -- they outlive the record of their sends
        for _, name in ipairs(redis.call('ZRANGE', list, 0, -1)) do
            if string.sub(name, 1, #member + 1) == member .. '#' then redis.call('ZREM', list, name) end
        end
    end
    for _, field in ipairs(redis.call('HKEYS', dead)) do
        if string.sub(field, 1, #member + 1) == member .. ' ' then redis.call('HDEL', dead, field) end
    end
    redis.call('HDEL', conversation, 'early', 'failure', 'held_until', 'check_at')
    for _, field in ipairs(redis.call('HKEYS', conversation)) do
        if string.sub(field, 1, 6) == 'early:' then redis.call('HDEL', conversation, field) end
    end
    redis.call('HINCRBY', conversation, 'memory', 1) -- notes being made of it are refused
end

-- `firm`: '1' if nobody may try again before the delay is over, whatever the customer writes.
-- gives {'fenced'} if the turn is not this worker's any more, {'idle'} or {'due', due ms, now ms}
local function hand_back(epoch, delay, idle_ttl, firm)
    local known = redis.call('HMGET', conversation, 'epoch', 'state')
    if known[1] ~= epoch or known[2] ~= 'run' then return {'fenced'} end -- guard: epoch
    redis.call('HDEL', conversation, 'state', 'attempt', 'failure')
    hand_over()
    if tonumber(delay) > 0 then redis.call('HSET', conversation, 'not_before', now + delay) end
    if firm == '1' then redis.call('HSET', conversation, 'firm', now + delay) end
    keep_for(idle_ttl)
    local due = schedule()
    if redis.call('LLEN', inbox) == 0 then
        redis.call('HDEL', conversation, 'first', 'next', 'superseded', 'noticed', 'deferred')
    end
    if not due then return {'idle'} end
    return {'due', due, now}
end

-- The echo of a send under way, or not known to have arrived, with the same text: it was ours. It came soon after the
-- send had begun; or, if Meta reports late, it left then (`at`, by Meta's clock).
local function claim_in_flight(digest, at, own, window, own_ttl)
    local sends = known_sends()
    for field, known in pairs(sends) do
        if known == digest and string.sub(field, 1, 7) == 'digest:' then
            local id = string.sub(field, 8)
            local state = sends['state:' .. id]
            local begun = tonumber(sends['begun:' .. id]) or 0
            local in_flight = state == 'sending' or state == 'ambiguous' or state == 'missing'
            local away = math.min(now - begun, math.abs((tonumber(at) or 0) - begun))
            if in_flight and away <= tonumber(window) then
                if state == 'sending' then
                    redis.call('HSET', outbox, 'state:' .. id, 'delivered') -- SEND-END will tidy up
                else
                    forget_send(id)
                end
                redis.call('SET', own, '1', 'PX', own_ttl)
                return true
            end
        end
    end
    return false
end

-- A person answers: what the customer wrote is theirs to answer, what the bot had planned is cancelled, and the bot is
-- silent for a while. `words` is the person's message as a history item, or nil.
local function take_over(words, pause, history_ttl, history_length)
    local cancelled = 0
    for _, id in ipairs(redis.call('LRANGE', queue, 0, -1)) do
        if redis.call('HGET', outbox, 'state:' .. id) == 'planned' then
            forget_send(id)
            redis.call('LREM', queue, 1, id)
            cancelled = cancelled + 1
        end
    end
    local unanswered = redis.call('LRANGE', inbox, 0, -1)
    for _, item in ipairs(unanswered) do redis.call('RPUSH', history, item) end
    if words then redis.call('RPUSH', history, words) end
    keep_last(history, history_length)
    redis.call('PEXPIRE', history, history_ttl)
    redis.call('DEL', inbox, journal)
    redis.call('HDEL', conversation, 'state', 'first', 'next', 'not_before', 'attempt', 'failure', 'superseded', 'noticed',
               'deferred', 'committed', 'hand_over')
    -- Whoever is thinking now has nothing left to do.
    redis.call('HINCRBY', conversation, 'epoch', 1) -- guard: human
    redis.call('HINCRBY', conversation, 'consumed', #unanswered)
    local until_ms = now + pause
    -- A message that waited on disk is late: it must not cut short a pause that began after it.
    if words then until_ms = math.max(until_ms, tonumber(redis.call('HGET', conversation, 'pause')) or 0) end
    redis.call('HSET', conversation, 'pause', until_ms, 'paused_by', 'person')
    keep_for(history_ttl)
    return cancelled
end

local person_took_over = 0 -- 1 once settle_held has found one

-- Echoes that were nobody's when they came: ours by now, or a person's after their time.
-- gives how many ms the youngest undecided one is still held, or nil
local function settle_held()
    local undecided
    for _, item in ipairs(redis.call('LRANGE', held, 0, -1)) do
        local echo = cjson.decode(item)
        if redis.call('EXISTS', echo.own) == 1 or claim_in_flight(echo.digest, echo.at, echo.own, echo.window, echo.own_ttl) then
            redis.call('LREM', held, 1, item)
        elseif now >= echo.until_ms then
            redis.call('LREM', held, 1, item)
            take_over(echo.words, echo.pause, echo.history_ttl, echo.history_length)
            person_took_over = 1
        elseif not undecided or echo.until_ms < undecided then
            undecided = echo.until_ms
        end
    end
    if undecided then
        redis.call('HSET', conversation, 'held_until', undecided)
        return undecided - now
    end
    redis.call('HDEL', conversation, 'held_until')
    if person_took_over == 1 then schedule() end
end
