-- JOURNAL: what the agent is about to act on, or what came of it, stored first. Fenced: a worker that is not the
-- conversation's any more starts nothing.
-- KEYS  those of the conversation
-- ARGV  member, epoch, entry, messages read, amendments seen, 1 if a tool is about to change something, ttl ms
-- gives 1, or 0 when the turn is no longer this worker's
local known = redis.call('HMGET', conversation, 'epoch', 'pause')
if known[1] ~= ARGV[2] or (tonumber(known[2]) or 0) > now then return 0 end -- guard: epoch
if redis.call('EXISTS', journal) == 0 then redis.call('RPUSH', journal, ARGV[4] .. ' ' .. ARGV[5]) end
-- Asked again because an answer was lost, it stores the same once.
if redis.call('LINDEX', journal, -1) ~= ARGV[3] then redis.call('RPUSH', journal, ARGV[3]) end
redis.call('PEXPIRE', journal, ARGV[7])
-- From here on the turn is these messages: what comes now belongs to the next one.
if ARGV[6] == '1' then redis.call('HSET', conversation, 'committed', ARGV[4]) end
return 1
