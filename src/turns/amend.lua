-- AMEND: the customer edited or took back a message. Before the answer it changes what the agent reads; afterwards it
-- changes what the conversation remembers.
-- KEYS  dedupe, conversation, inbox, history, notes, dead letters
-- ARGV  message id, 'edit' or 'unsend', new text, dedupe ttl ms, idle ttl ms, member, most that are kept early, which edit
--       of the message it is (0: unknown)
-- gives 'inbox', 'history' or 'dead', where the message was, 'early' or 'duplicate'
if redis.call('EXISTS', KEYS[1]) == 1 then return 'duplicate' end
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local which_edit = tonumber(ARGV[8])

-- `number`: of this amendment, if the message may be being read: PLAN asks whether that was before or after.
-- gives nil where nothing changes: the platform does not deliver in order
local function amended(item, number)
    local start = string.find(item, '\n', 1, true)
    local message = cjson.decode(string.sub(item, start + 1))
    if ARGV[2] == 'unsend' then
        message = { at = message.at, who = message.who, unsent = true }
    elseif message.unsent or which_edit < (message.edit or 0) then
        return nil
    else
        reword(message, ARGV[3], which_edit)
        message.edited = number
    end
    return ARGV[1] .. '\n' .. cjson.encode(message)
end

local function amend_in(list, number)
    local found, changed = false, false -- may be there twice: announced without its content, and whole
    for index, item in ipairs(redis.call('LRANGE', list, 0, -1)) do
        if string.sub(item, 1, #ARGV[1] + 1) == ARGV[1] .. '\n' then
            local new = amended(item, number)
            if new then redis.call('LSET', list, index - 1, new) end
            found, changed = true, changed or new ~= nil
        end
    end
    return found, changed
end

-- What was noted of the turn of an unsent message goes with it.
-- gives whether there was such a turn
local function drop_notes()
    local found = false
    local all = redis.call('HGETALL', KEYS[5])
    for i = 1, #all, 2 do
        local notes = cjson.decode(all[i + 1])
        local turn
        for _, message in ipairs(notes.messages or {}) do
            if message.id == ARGV[1] then turn = message.turn end
        end
        for _, kind in ipairs(turn and { 'who', 'wants', 'promised', 'open_questions' } or {}) do
            local kept = {}
            for _, note in ipairs(notes[kind] or {}) do
                local cites = false
                for _, number in ipairs(note.turns) do cites = cites or number == turn end
                if not cites then kept[#kept + 1] = note end
            end
            notes[kind] = kept
        end
        if turn then
            found = true
            redis.call('HSET', KEYS[5], all[i], cjson.encode(notes))
        end
    end
    return found
end

local function amend_memory()
    local found = amend_in(KEYS[4])
    if ARGV[2] == 'unsend' then found = drop_notes() or found end
    -- Notes that are being made of it are refused.
    if found and redis.call('EXISTS', KEYS[2]) == 1 then redis.call('HINCRBY', KEYS[2], 'memory', 1) end
    return found
end

-- A message that was set aside may still go back into the inbox.
local function amend_dead()
    local field = ARGV[6] .. ' ' .. ARGV[1]
    local letter = redis.call('HGET', KEYS[6], field)
    if not letter then return false end
    letter = cjson.decode(letter)
    letter.item = amended(letter.item) or letter.item
    redis.call('HSET', KEYS[6], field, cjson.encode(letter))
    return true
end

-- The platform does not deliver in order: INGEST looks for this when the message itself comes.
local function keep_early()
    local early = forget_early(KEYS[2], now - ARGV[4])
    table.sort(early, function(a, b) return a.at > b.at end)
    for i = tonumber(ARGV[7]), #early do redis.call('HDEL', KEYS[2], early[i].name) end
    local field = 'early:' .. ARGV[1]
    local edit, how = string.match(redis.call('HGET', KEYS[2], field) or '', '^%d+ ?(%d*)\n(%a+)\n')
    if how == 'unsend' or ARGV[2] == 'edit' and which_edit < (tonumber(edit) or 0) then return end
    local when = ARGV[2] == 'edit' and now .. ' ' .. which_edit or now
    redis.call('HSET', KEYS[2], field, when .. '\n' .. ARGV[2] .. '\n' .. ARGV[3])
    redis.call('PEXPIRE', KEYS[2], ARGV[5])
end

local function amend()
    local number = (tonumber(redis.call('HGET', KEYS[2], 'amended')) or 0) + 1
    local waits, changed = amend_in(KEYS[3], number)
    if changed then redis.call('HSET', KEYS[2], 'amended', number) end
    local where = waits and 'inbox' or amend_memory() and 'history' or amend_dead() and 'dead' or 'early'
    -- Where one has overtaken a message already that was only announced, this one holds for the message itself.
    if where == 'early' or redis.call('HEXISTS', KEYS[2], 'early:' .. ARGV[1]) == 1 then keep_early() end
    return where
end

local where = amend()
redis.call('SET', KEYS[1], '1', 'PX', ARGV[4]) -- last: if the script fails before, amending once more does no harm
return where
