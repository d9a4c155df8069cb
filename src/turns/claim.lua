-- CLAIM: one worker takes a due conversation. The entry in `due` becomes its lease; the epoch fences every earlier
-- worker.
-- KEYS  those of the conversation, dead letters, watched, notes
-- ARGV  member, lease ms, most attempts, attempts before messages are looked at one by one, ms until an uncertain send
--       is looked for, newest format of records this worker knows, name of the profile that serves
-- gives {'newer'} when there are records only a newer version can read, {'idle', 0, 0, 1 if a person took over just
--       now}, {'early', due ms, now ms, the same}, {'dead', messages}, or
--       {'claimed', epoch, attempt, turn, amendments, deferrals, inbox, history, {send id, text, attempt, audio or '', …},
--        now ms, sends found interrupted, 1 if messages are left out, journal, {send id, text, begun ms, looks, audio or '',
--        …} to look for, 1 if a person took over just now, 1 if somebody follows it live, the profile's notes, generation
--        of what is remembered}
local due = tonumber(redis.call('ZSCORE', due_set, member))
if not due then return {'idle'} end
if due > now then return {'early', due, now} end
local known = redis.call('HMGET', conversation, 'state', 'held_until', 'check_at', 'committed', 'amended', 'format')
if (tonumber(known[6]) or 1) > tonumber(ARGV[6]) then return {'newer'} end -- it stays due for a worker that knows it
if known[2] then settle_held() end
-- A limit stopped the turn and its worker did not come to hand it back: nothing is thought before the pause is over.
local paused = (tonumber(redis.call('HGET', conversation, 'pause')) or 0) > now
if known[1] == 'run' and paused and redis.call('LLEN', queue) == 0 then
    redis.call('HDEL', conversation, 'state', 'attempt', 'failure')
    redis.call('HINCRBY', conversation, 'epoch', 1)
    known[1] = nil
    due = schedule()
    if not due then return {'idle', 0, 0, person_took_over} end
    if due > now then return {'early', due, now, person_took_over} end
end
-- An echo that was held, or a send of unknown outcome, may be the only reason to look now.
local only_look = false
if known[1] ~= 'run' and (known[2] or known[3]) then
    local waits = redis.call('HMGET', conversation, 'next', 'pause', 'not_before')
    local ready = tonumber(waits[3]) or 0
    if redis.call('LLEN', queue) == 0 then ready = math.max(ready, tonumber(waits[1]) or 0, tonumber(waits[2]) or 0) end
    only_look = ready > now
    due = next_look()
    if not due or due > now then
        schedule()
        if due then return {'early', due, now, person_took_over} end
        return {'idle', 0, 0, person_took_over}
    end
end

local messages = redis.call('LRANGE', inbox, 0, -1)
-- Not simply the next one: what a failover has forgotten must not be given to another worker.
local epoch = math.max((tonumber(redis.call('HGET', conversation, 'epoch')) or 0) + 1, now)
redis.call('HSET', conversation, 'epoch', epoch)
local committed = tonumber(redis.call('HGET', conversation, 'committed')) -- a person may have taken over just now
local wanted = committed or #messages
-- What is written while the bot's last words leave is the person's to answer: the hand-back makes it silent.
if only_look or redis.call('HEXISTS', conversation, 'hand_over') == 1 then wanted = 0 end
local attempt = 1
if wanted > 0 then attempt = (tonumber(redis.call('HGET', conversation, 'attempt')) or 0) + 1 end
-- One message may be what kills every worker that reads it: its neighbours must not share its fate.
if not committed and wanted > 1 and attempt >= tonumber(ARGV[4]) then wanted = 1 end
if attempt > tonumber(ARGV[3]) then
    local reason = redis.call('HGET', conversation, 'failure') or 'the process died while it worked on this'
    for i = 1, wanted do
        local id = string.match(messages[i], '^[^\n]*')
        redis.call('HSET', KEYS[11], member .. ' ' .. id, cjson.encode({ conversation = member, at = now,
                   attempts = attempt - 1, reason = reason, item = messages[i] }))
    end
    redis.call('LTRIM', inbox, wanted, -1)
    redis.call('DEL', journal)
    redis.call('HINCRBY', conversation, 'consumed', wanted)
    redis.call('HDEL', conversation, 'state', 'attempt', 'failure', 'superseded', 'committed')
    if #messages == wanted then redis.call('HDEL', conversation, 'first', 'next', 'noticed', 'deferred') end
    schedule()
    return {'dead', wanted}
end
redis.call('HSET', conversation, 'state', 'run')
-- Of a later attempt ATTEMPT says when it begins; the hand-back clears it.
if wanted > 0 and attempt == 1 then redis.call('HSET', conversation, 'attempt', 1) end
if not only_look then redis.call('HDEL', conversation, 'not_before', 'firm') end
redis.call('ZADD', due_set, now + ARGV[2], member)
-- broken pop_at_claim: redis.call('DEL', inbox)

-- What an interrupted worker had thought is only good for the messages it had read.
local thought = redis.call('LRANGE', journal, 0, -1)
if wanted == 0 then
    thought = {}
elseif thought[1] and not committed and thought[1] ~= wanted .. ' ' .. (known[5] or '0') then
    redis.call('DEL', journal)
    thought = {}
end

-- A send that an earlier worker began and never finished may have left: it is named, not repeated.
local pending, interrupted = {}, 0
for _, id in ipairs(only_look and {} or redis.call('LRANGE', queue, 0, -1)) do
    local send = redis.call('HMGET', outbox, 'state:' .. id, 'text:' .. id, 'attempt:' .. id, 'audio:' .. id)
    -- A web chat takes a message once, however often it is delivered.
    if send[1] == 'sending' and string.sub(member, 1, 4) == 'web:' then
        redis.call('HSET', outbox, 'state:' .. id, 'planned')
        send[1] = 'planned'
    end
    -- broken resend_on_recovery: if send[1] == 'sending' then redis.call('HSET', outbox, 'state:' .. id, 'planned') send[1] = 'planned' end
    if send[1] == 'planned' then
        pending[#pending + 1] = id
        pending[#pending + 1] = send[2]
        pending[#pending + 1] = send[3]
        pending[#pending + 1] = send[4] or ''
    else
        redis.call('LREM', queue, 1, id)
        if send[1] == 'sending' then
            name_ambiguous(id, tonumber(ARGV[5]))
            interrupted = interrupted + 1
        else
            forget_send(id)
        end
    end
end

local uncertain = {}
local check_at = tonumber(redis.call('HGET', conversation, 'check_at'))
if check_at and check_at <= now then
    local sends = known_sends()
    for field, state in pairs(sends) do
        local id = state == 'ambiguous' and string.match(field, '^state:(%d+)$')
        if id and (tonumber(sends['look_at:' .. id]) or 0) <= now then
            for _, value in ipairs({ id, sends['text:' .. id] or '', sends['begun:' .. id] or '0', sends['looks:' .. id] or '0',
                                     sends['audio:' .. id] or '' }) do
                uncertain[#uncertain + 1] = value
            end
            redis.call('HSET', outbox, 'look_at:' .. id, now + ARGV[2]) -- should this worker die
        end
    end
    plan_looks()
end

local numbers = redis.call('HMGET', conversation, 'turn', 'amended', 'deferred', 'memory')
local read = {}
for i = 1, wanted do read[i] = messages[i] end
return {'claimed', epoch, attempt, tonumber(numbers[1]) or 0, tonumber(numbers[2]) or 0, tonumber(numbers[3]) or 0, read,
        redis.call('LRANGE', history, 0, -1), pending, now, interrupted, wanted < #messages and 1 or 0, thought, uncertain,
        person_took_over, redis.call('EXISTS', KEYS[12]), redis.call('HGET', KEYS[13], ARGV[7]), tonumber(numbers[4]) or 0}
