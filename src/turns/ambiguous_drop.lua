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
forget_send(ARGV[2]) -- its text was kept for a shorter time than its name
return 1
