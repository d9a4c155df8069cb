-- What is known of a tool's result, and who is to ask for it otherwise.
-- KEYS: entry, lock, generations[, what is kept about one contact]   ARGV: tool, token, lock in ms
-- {"known", text} | {"ask", generation[, outdated text]} | {"wait"}: somebody else is asking
local clock = redis.call('TIME')
local now = clock[1] * 1000 + math.floor(clock[2] / 1000)
redis.call('HSETNX', KEYS[3], ARGV[1], 0) -- so that an invalidation finds the tool
local generation = redis.call('HGET', KEYS[3], ARGV[1])
local entry = redis.call('HMGET', KEYS[1], 'text', 'generation', 'until')
local text = entry[1]
if text and entry[2] ~= generation then text = false end -- invalidated
if text and tonumber(entry[3]) > now then return {'known', text} end
if not redis.call('SET', KEYS[2], ARGV[2], 'NX', 'PX', ARGV[3]) then return {'wait'} end
if KEYS[4] then -- whoever erases what is kept about the contact ends the asking, too
    redis.call('SADD', KEYS[4], KEYS[2])
    if redis.call('PTTL', KEYS[4]) < tonumber(ARGV[3]) then redis.call('PEXPIRE', KEYS[4], ARGV[3]) end
end
return {'ask', generation, text}
