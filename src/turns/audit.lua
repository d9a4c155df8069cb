-- AUDIT: what must always be true of one conversation, I1 to I6 of turns/auditor.hpp. Reads only.
-- KEYS  conversation, inbox, due, queue, outbox
-- ARGV  member, lease ms, longest wait ms
-- gives {epoch, number of a broken invariant, what was found, …}
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local known = redis.call('HMGET', KEYS[1], 'epoch', 'state', 'received', 'consumed', 'first', 'pause', 'not_before',
                         'held_until', 'check_at')
local waiting, queued = redis.call('LLEN', KEYS[2]), redis.call('LLEN', KEYS[4])
local due = tonumber(redis.call('ZSCORE', KEYS[3], ARGV[1]))
local running = known[2] == 'run'
local answer = { tonumber(known[1]) or 0 }
local function broken(number, found)
    answer[#answer + 1] = number
    answer[#answer + 1] = found
end
local function whole(number) return string.format('%.0f', number) end

local lost = (tonumber(known[3]) or 0) - (tonumber(known[4]) or 0) - waiting
if lost ~= 0 then broken(1, 'messages received, less those consumed and those in the inbox: ' .. whole(lost)) end

if not due and (running or waiting > 0 or queued > 0 or known[8]) then
    broken(3, 'not in due: ' .. waiting .. ' in the inbox, ' .. queued .. ' to send, held until ' ..
           (known[8] or 'nothing') .. (running and ', running' or ''))
end

if not running then
    local fields = redis.call('HGETALL', KEYS[5])
    local sends = {}
    for i = 1, #fields, 2 do sends[fields[i]] = fields[i + 1] end
    local stuck -- the oldest of them stands for all
    for field, value in pairs(sends) do
        local id = value == 'sending' and tonumber(string.match(field, '^state:(%d+)$'))
        local begun = id and tonumber(sends['begun:' .. id]) or 0
        if id and now - begun > tonumber(ARGV[2]) then stuck = math.min(stuck or id, id) end
    end
    if stuck then broken(4, 'nobody sends ' .. stuck .. ', begun at ' .. (sends['begun:' .. stuck] or 'no time')) end
end

local first = tonumber(known[5])
if due and first and not running and waiting > 0 and queued == 0 then
    local latest = math.max(first + ARGV[3], tonumber(known[6]) or 0, tonumber(known[7]) or 0)
    if due > latest then broken(5, 'due at ' .. whole(due) .. ', at the latest should be ' .. whole(latest)) end
end

-- A person who takes over ends a turn, but its worker's lease may stay in `due` until it has run out.
local lease_left = due and due > now and due <= now + ARGV[2]
if due and not lease_left and not running and waiting == 0 and queued == 0 and not known[8] and not known[9] then
    broken(6, 'in due at ' .. whole(due) .. ' for nothing')
end
return answer
