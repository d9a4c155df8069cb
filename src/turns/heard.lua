-- HEARD: what came of listening to a voice note joins its message, wherever that is by now: nobody has to listen again,
-- and it goes when the message goes.
-- KEYS  inbox, history
-- ARGV  message id, its number among the attachments (from 0), what was heard; '': asks only whether the message is there
-- gives 1, or 0 when the message is not there: it was taken back or forgotten, or is remembered no more
local function with_words(message)
    local note = message.attachments and message.attachments[ARGV[2] + 1] -- what a turn has remembered has none
    if ARGV[3] == '' or not note then return nil end
    for name, value in pairs(cjson.decode(ARGV[3])) do note[name] = value end
    return message
end

local found = 0
for _, list in ipairs(KEYS) do
    for index, item in ipairs(redis.call('LRANGE', list, 0, -1)) do
        if string.sub(item, 1, #ARGV[1] + 1) == ARGV[1] .. '\n' then
            local message = cjson.decode(string.sub(item, #ARGV[1] + 2))
            if not message.unsent then
                found = 1
                local heard = with_words(message)
                if heard then redis.call('LSET', list, index - 1, ARGV[1] .. '\n' .. cjson.encode(heard)) end
            end
        end
    end
end
return found
