-- CONTENT: what a message says that was announced without its content, once that was fetched, joins it wherever it is by
-- now: nobody has to fetch it again, and what is heard of it has its place.
-- KEYS  inbox, history
-- ARGV  message id, its text and attachments
local function complete(message)
    local content = cjson.decode(ARGV[2])
    if not message.text then message.text = content.text end -- else an edit has overtaken it
    message.attachments, message.withheld = content.attachments, nil
    return message
end

for _, list in ipairs(KEYS) do
    for index, item in ipairs(redis.call('LRANGE', list, 0, -1)) do
        if string.sub(item, 1, #ARGV[1] + 1) == ARGV[1] .. '\n' then
            local message = cjson.decode(string.sub(item, #ARGV[1] + 2))
            -- What was taken back is withheld no more.
            if message.withheld then
                redis.call('LSET', list, index - 1, ARGV[1] .. '\n' .. cjson.encode(complete(message)))
            end
        end
    end
end
return 1
