-- PLAN: the commit point. Before it the turn can be thought again; after it the turn is answered and its sends are
-- queued. Asked again by the same worker, because an answer got lost, it answers the same.
-- KEYS  those of the conversation, times of its answers, variants, notes, live events, dead letters
-- ARGV  member, epoch, messages claimed, amendments seen, 1 if the turn must not be thought again, lease ms,
--       history length, history ttl ms, most supersedes, 1 if the first send begins at once (as by SEND-BEGIN), most
--       answers in 10 minutes, in 24 hours, most turns in a row within seconds of our answer, these seconds in ms,
--       pause ms of a limit, "<variant> <profile>" or '' if this turn is not compared, 1 if it saved a lead, pause ms
--       if the bot hands over to a person or '', ms for which what overtook its message waits for it, number of history
--       items (-1: the contact asks to be forgotten), history items…, then: name of an audio that is sent first or '',
--       what it says, its digest, 1 if the texts follow it in any case (0: only if it is not known to be delivered),
--       format of these records, then per text: text, digest
-- gives {'fenced'}, {'paused', 1 if a person took over just now}, {'held', ms}, {'superseded'}, {'tripped', which limit, pause ms} or {'planned', send id…}
local undecided = settle_held()
local known = redis.call('HMGET', conversation, 'epoch', 'pause', 'amended', 'superseded', 'planned', 'first', 'answered_at',
                         'rapid', 'resumed_at', 'committed', 'paused_by')
if known[1] ~= ARGV[2] and (tonumber(known[2]) or 0) <= now then return {'fenced'} end -- guard: epoch
local before = known[5] and string.match(known[5], '^%d+') == ARGV[2] and known[5]
-- Whoever asks again has sent nothing yet, whatever the first asking has begun.
local begun = before and string.match(before, ' (%d+)')
if begun and redis.call('HGET', outbox, 'state:' .. begun) ~= 'sending' then begun = nil end
local function take_back(for_good)
    if begun and for_good then
        redis.call('LREM', queue, 1, begun)
        forget_send(begun)
        schedule()
    elseif begun then
        redis.call('HSET', outbox, 'state:' .. begun, 'planned')
    end
end
local paused = (tonumber(known[2]) or 0) > now
-- The pause of a limit, where the turn is still this worker's, is what its first asking has tripped.
local limit = known[1] == ARGV[2] and known[11] ~= 'person' and known[11] ~= 'hand-over' and known[11]
if paused and limit then return {'tripped', limit, known[2] - now} end -- guard: human
if paused then take_back(true) return {'paused', person_took_over} end -- guard: human
if undecided then take_back(false) return {'held', undecided} end -- guard: human
if before then
    local planned = {'planned'}
    for id in string.gmatch(before, ' (%d+)') do planned[#planned + 1] = tonumber(id) end
    if ARGV[10] == '1' and planned[2] and redis.call('HGET', outbox, 'state:' .. planned[2]) == 'planned' then
        redis.call('HSET', outbox, 'state:' .. planned[2], 'sending', 'begun:' .. planned[2], now)
    end
    return planned
end

local claimed = tonumber(ARGV[3])
local more = redis.call('LLEN', inbox) > claimed or (tonumber(known[3]) or 0) ~= tonumber(ARGV[4])
if more and ARGV[5] ~= '1' and not known[10] and (tonumber(known[4]) or 0) < tonumber(ARGV[9]) then
    redis.call('HINCRBY', conversation, 'superseded', 1)
    redis.call('DEL', journal)
    return {'superseded'}
end

-- A turn that is not thought again has read what was edited or unsent since: it is remembered as it is now.
local current = {}
if (tonumber(known[3]) or 0) ~= tonumber(ARGV[4]) then
    for _, item in ipairs(redis.call('LRANGE', inbox, 0, claimed - 1)) do
        local id, message = string.match(item, '^([^\n]+)\n(.*)$')
        if id then current[id] = cjson.decode(message) end
    end
end
local function as_it_is_now(entry)
    local id, words = string.match(entry, '^([^\n]+)\n(.*)$')
    local message = id and current[id]
    if not message then return entry end
    local is_edited = (message.edited or 0) > tonumber(ARGV[4])
    if not message.unsent and not is_edited then return entry end
    local remembered = cjson.decode(words)
    if message.unsent then
        remembered.unsent = true
        remembered.text, remembered.before, remembered.after = nil, nil, nil
    else
        reword(remembered, message.text, message.edit)
    end
    return id .. '\n' .. cjson.encode(remembered)
end

local items = tonumber(ARGV[20])
local audio = 21 + math.max(items, 0)
local texts = audio + 5
if texts <= #ARGV then
    -- Two bots, or one customer without end: the bot stops before it becomes a nuisance or a bill.
    local answers, ten_minutes, day = KEYS[11], 600000, 86400000
    local function reached(most, since)
        local at = tonumber(redis.call('LINDEX', answers, most - 1)) -- newest first
        return at and at > since
    end
    local rapid = 0
    if known[6] and known[7] and known[6] - known[7] < tonumber(ARGV[14]) then rapid = (tonumber(known[8]) or 0) + 1 end
    redis.call('HSET', conversation, 'rapid', rapid)
    local limit
    if rapid >= tonumber(ARGV[13]) then
        limit = 'ping-pong'
    elseif reached(tonumber(ARGV[11]), math.max(now - ten_minutes, tonumber(known[9]) or 0)) then
        limit = 'ten minutes'
    elseif reached(tonumber(ARGV[12]), now - day) then
        limit = 'day'
    end
    if limit then
        redis.call('HSET', conversation, 'pause', now + ARGV[15], 'paused_by', limit, 'rapid', 0)
        return {'tripped', limit, tonumber(ARGV[15])}
    end
    redis.call('LPUSH', answers, now)
    redis.call('LTRIM', answers, 0, math.max(tonumber(ARGV[11]), tonumber(ARGV[12])) - 1)
    redis.call('PEXPIRE', answers, day)
end

redis.call('LTRIM', inbox, claimed, -1)
redis.call('DEL', journal)
redis.call('HDEL', conversation, 'attempt', 'failure', 'superseded', 'noticed', 'deferred', 'first', 'committed')
if redis.call('EXISTS', inbox) == 1 then redis.call('HSET', conversation, 'first', now) end
for i = 1, items do redis.call('RPUSH', history, as_it_is_now(ARGV[20 + i])) end
keep_last(history, ARGV[7])
if ARGV[7] == '0' then redis.call('DEL', KEYS[13]) end
if items < 0 then forget_all(KEYS[13], KEYS[14], KEYS[15]) end
redis.call('PEXPIRE', history, ARGV[8])
redis.call('PEXPIRE', KEYS[13], ARGV[8])
redis.call('HINCRBY', conversation, 'turn', 1)
redis.call('HINCRBY', conversation, 'consumed', claimed)
redis.call('ZADD', due_set, now + ARGV[6], member)
forget_unlisted()
forget_early(conversation, now - ARGV[19])
local planned = {'planned'}
local spoken = ARGV[audio] ~= '' and queue_send(ARGV[audio + 1], ARGV[audio + 2])
if spoken then planned[2] = spoken end
for i = texts, #ARGV, 2 do planned[#planned + 1] = queue_send(ARGV[i], ARGV[i + 1]) end
if spoken then
    redis.call('HSET', outbox, 'audio:' .. spoken, ARGV[audio])
    if ARGV[audio + 3] ~= '1' then redis.call('HSET', outbox, 'instead:' .. spoken, table.concat(planned, ' ', 3)) end
    -- An older version would send it as text.
    local format = tonumber(redis.call('HGET', conversation, 'format')) or 1
    redis.call('HSET', conversation, 'format', math.max(format, tonumber(ARGV[audio + 4])))
end
redis.call('HSET', conversation, 'planned', ARGV[2] .. ' ' .. table.concat(planned, ' ', 2))
if ARGV[18] ~= '' then redis.call('HSET', conversation, 'hand_over', ARGV[18]) end
if ARGV[10] == '1' and planned[2] then
    redis.call('HSET', outbox, 'state:' .. planned[2], 'sending', 'begun:' .. planned[2], now)
end
redis.call('PEXPIRE', outbox, ARGV[8])
if ARGV[16] ~= '' then
    -- A conversation counts once for a variant, and so does its lead.
    redis.call('HINCRBY', KEYS[12], 'turns ' .. ARGV[16], 1)
    for what, new in pairs({ conversations = true, leads = ARGV[17] == '1' }) do
        if new and redis.call('HSETNX', conversation, what .. ' ' .. ARGV[16], 1) == 1 then
            redis.call('HINCRBY', KEYS[12], what .. ' ' .. ARGV[16], 1)
        end
    end
end
return planned
