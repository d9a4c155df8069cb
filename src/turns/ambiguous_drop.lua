-- AMBIGUOUS-DROP: somebody has looked at the chat and closes a send that is not known to have arrived.
-- KEYS  those of the conversation
-- ARGV  member, send id
-- gives 1, or 0 when there is no such send (any more)
local name = member .. '#' .. ARGV[2]
local listed = redis.call('ZSCORE', ambiguous, name) or redis.call('ZSCORE', missing, name)
local state = redis.call('HGET', outbox, 'state:' .. ARGV[2])
if state == 'ambiguous' or state == 'missing' or state == 'rejected' then
    forget_send(ARGV[2])
    return 1
end
if not listed then return 0 end
-- Its record is gone; one of the same number is another's.
redis.call('ZREM', ambiguous, name)
redis.call('ZREM', missing, name)
return 1
