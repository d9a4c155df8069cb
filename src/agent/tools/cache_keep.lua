-- Ends the asking, and keeps what came of it unless it was invalidated, or erased, meanwhile.
-- KEYS: entry, lock, generations[, what is kept about one contact]
-- ARGV: tool, token[, generation, text, ttl in ms, stale in ms]
-- 1 if it was kept
if redis.call('GET', KEYS[2]) ~= ARGV[2] then return 0 end
redis.call('DEL', KEYS[2])
if KEYS[4] then redis.call('SREM', KEYS[4], KEYS[2]) end
if not ARGV[3] or redis.call('HGET', KEYS[3], ARGV[1]) ~= ARGV[3] then return 0 end
local clock = redis.call('TIME')
local now = clock[1] * 1000 + math.floor(clock[2] / 1000)
local life = ARGV[5] + ARGV[6]
redis.call('HSET', KEYS[1], 'text', ARGV[4], 'generation', ARGV[3], 'until', string.format('%.0f', now + ARGV[5]))
redis.call('PEXPIRE', KEYS[1], life)
if KEYS[4] then
    redis.call('SADD', KEYS[4], KEYS[1])
    if redis.call('PTTL', KEYS[4]) < life then redis.call('PEXPIRE', KEYS[4], life) end
end
return 1
