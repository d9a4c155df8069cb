-- REMEMBER: notes take the place of turns too old to be given to the model word for word. They were made while the
-- conversation went on.
-- KEYS  conversation, notes
-- ARGV  name of the profile, notes, last turn of the notes they were made from (0: none), generation of what is
--       remembered, ttl ms
-- gives 1, or 0 if something was forgotten or unsent meanwhile, or somebody has made notes already
local generation = tonumber(redis.call('HGET', KEYS[1], 'memory')) or 0
if redis.call('EXISTS', KEYS[1]) == 0 or generation ~= tonumber(ARGV[4]) then return 0 end -- guard: forgotten
local before = redis.call('HGET', KEYS[2], ARGV[1])
if (before and cjson.decode(before).through or 0) ~= tonumber(ARGV[3]) then return 0 end
redis.call('HSET', KEYS[2], ARGV[1], ARGV[2])
redis.call('PEXPIRE', KEYS[2], ARGV[5])
return 1
