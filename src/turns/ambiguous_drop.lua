-- AMBIGUOUS-DROP: somebody has looked at the chat and closes a send of unknown outcome.
-- KEYS  those of the conversation
-- ARGV  member, send id
-- gives 1, or 0 when there is no such send (any more)
local listed = redis.call('ZSCORE', ambiguous, member .. '#' .. ARGV[2])
if redis.call('HGET', outbox, 'state:' .. ARGV[2]) == 'ambiguous' then
    forget_send(ARGV[2])
    return 1
end
if not listed then return 0 end
redis.call('ZREM', ambiguous, member .. '#' .. ARGV[2]) -- its text was kept for a shorter time than its name
return 1
