-- RENEW: the worker is alive; its lease lasts longer. A person who took over meanwhile ends it.
-- KEYS  those of the conversation
-- ARGV  member, epoch, lease ms
-- gives 1, or 0 when the conversation is no longer this worker's
settle_held()
local known = redis.call('HMGET', conversation, 'epoch', 'state')
if known[1] ~= ARGV[2] then return 0 end -- guard: epoch
if known[2] == 'run' then redis.call('ZADD', due_set, now + ARGV[3], member) end -- else handed back meanwhile
return 1
