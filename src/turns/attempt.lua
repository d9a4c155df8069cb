-- ATTEMPT: fenced; a turn that ended its workers before is tried again from here. Only what began counts: neither a claim
-- whose answer was lost, nor one whose process died while the turn still waited for the others.
-- KEYS  those of the conversation
-- ARGV  member, epoch, attempt
-- gives 1, or 0 when the turn is not this worker's any more
local known = redis.call('HMGET', conversation, 'epoch', 'state')
if known[1] ~= ARGV[2] or known[2] ~= 'run' then return 0 end -- guard: epoch
redis.call('HSET', conversation, 'attempt', ARGV[3])
return 1
