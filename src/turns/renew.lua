-- RENEW: the worker is alive; its lease lasts longer. A person who took over meanwhile ends it.
-- KEYS  those of the conversation
-- ARGV  member, epoch, lease ms
-- gives 1, or 0 when the conversation is no longer this worker's
settle_held()
if redis.call('HGET', conversation, 'epoch') ~= ARGV[2] then return 0 end -- guard: epoch
redis.call('ZADD', due_set, now + ARGV[3], member)
return 1
