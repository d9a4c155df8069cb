-- RESOLVE: what looking for a send of unknown outcome found. A fact, never fenced.
-- KEYS  those of the conversation, own
-- ARGV  member, send id, 'delivered' or 'unseen', own ttl ms, ms until the next look (0: no more)
-- gives 'settled' when it is known by now, else 'open'
local id = ARGV[2]
if redis.call('HGET', outbox, 'state:' .. id) ~= 'ambiguous' then return 'settled' end
-- A message that is known as ours already is another send with the same text.
if ARGV[3] == 'delivered' and redis.call('SET', KEYS[10], '1', 'NX', 'PX', ARGV[4]) then
    forget_send(id)
    return 'settled'
end
redis.call('HINCRBY', outbox, 'looks:' .. id, 1)
if ARGV[5] ~= '0' then name_ambiguous(id, tonumber(ARGV[5])) end
return 'open'
