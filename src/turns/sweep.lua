-- SWEEP: conversations somebody should have looked at by now. What was listed for an operator long ago is let go.
-- KEYS  due, ambiguous, missing, dead letters
-- ARGV  at most, ms by which a simulated one has to be late: its page shows what its own process does; ms for which
--       something is listed
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local due = redis.call('ZRANGE', KEYS[1], '-inf', now, 'BYSCORE', 'LIMIT', 0, ARGV[1], 'WITHSCORES')
local found = {}
for i = 1, #due, 2 do
    local simulated = string.find(due[i], '^%a+:sim_')
    if not simulated or tonumber(due[i + 1]) <= now - ARGV[2] then found[#found + 1] = due[i] end
end

local too_old = now - ARGV[3]
redis.call('ZREMRANGEBYSCORE', KEYS[2], '-inf', too_old)
redis.call('ZREMRANGEBYSCORE', KEYS[3], '-inf', too_old)
-- In no order: some at a time, any of them, and soon it has been each one's turn.
local letters = redis.call('HRANDFIELD', KEYS[4], 10, 'WITHVALUES')
for i = 1, #letters, 2 do
    local is_read, letter = pcall(cjson.decode, letters[i + 1])
    local at = is_read and type(letter) == 'table' and tonumber(letter.at)
    if at and at <= too_old then redis.call('HDEL', KEYS[4], letters[i]) end
end
return found
