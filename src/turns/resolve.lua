-- RESOLVE: what looking for a send of unknown outcome found. A fact, never fenced.
-- KEYS  those of the conversation, then the own key of each message of ours with its text
-- ARGV  member, send id, own ttl ms, 1 if what this look does not find did not arrive, ms until the next look (0: none)
-- gives 'delivered', 'missing', 'open', or 'settled' if it was known before
local id = ARGV[2]
if redis.call('HGET', outbox, 'state:' .. id) ~= 'ambiguous' then return 'settled' end
local found = false
for i = 11, #KEYS do
    -- A message that is known as ours already is another send with the same text.
    found = found or redis.call('SET', KEYS[i], '1', 'NX', 'PX', ARGV[3])
end
local verdict = 'open'
if found then
    verdict = 'delivered'
    forget_send(id)
elseif ARGV[4] == '1' then
    verdict = 'missing'
    redis.call('HINCRBY', outbox, 'looks:' .. id, 1)
    name_missing(id)
else
    redis.call('HINCRBY', outbox, 'looks:' .. id, 1)
    if ARGV[5] == '0' then
        redis.call('HDEL', outbox, 'look_at:' .. id)
    else
        redis.call('HSET', outbox, 'look_at:' .. id, now + ARGV[5])
    end
end
plan_looks()
return verdict
