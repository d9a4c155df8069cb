-- Put before AMEND and PLAN: what both know of edits and unsends.

-- What has overtaken its message waits for it no longer than anything is redelivered.
-- gives what still waits: { name of its field, when it came }, …
local function forget_early(state, oldest)
    local waiting = {}
    for _, name in ipairs(redis.call('HKEYS', state)) do
        if string.sub(name, 1, 6) == 'early:' then
            local at = tonumber(string.match(redis.call('HGET', state, name), '^%d+'))
            if at and at >= oldest then
                waiting[#waiting + 1] = { name = name, at = at }
            else
                redis.call('HDEL', state, name)
            end
        end
    end
    return waiting
end

-- What is remembered of a message has marks around the customer's own words; only these change.
local function reword(message, text, edit)
    local parts = {}
    for _, part in ipairs({ message.before or '', text, message.after or '' }) do
        if part ~= '' then parts[#parts + 1] = part end
    end
    message.text, message.edit = table.concat(parts, '\n'), edit
end
