-- SWEEP: conversations somebody should have looked at by now.
-- KEYS  due
-- ARGV  at most, ms by which a simulated one has to be late: its page shows what its own process does
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local due = redis.call('ZRANGE', KEYS[1], '-inf', now, 'BYSCORE', 'LIMIT', 0, ARGV[1], 'WITHSCORES')
local found = {}
for i = 1, #due, 2 do
    local simulated = string.find(due[i], '^%a+:sim_')
    if not simulated or tonumber(due[i + 1]) <= now - ARGV[2] then found[#found + 1] = due[i] end
end
return found
