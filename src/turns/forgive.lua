-- FORGIVE: an attempt at a turn ended because Redis was away, not because of the turn. A fact, never fenced.
-- KEYS  those of the conversation
-- ARGV  member
-- gives the attempts that are left to its charge
local attempts = tonumber(redis.call('HGET', conversation, 'attempt')) or 0
if attempts == 0 then return 0 end
return redis.call('HINCRBY', conversation, 'attempt', -1)
