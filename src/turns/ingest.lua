-- INGEST: a customer's message joins the conversation's inbox and sets when somebody must look at it. A redelivery
-- changes nothing.
-- KEYS  conversation, inbox, due, dedupe
-- ARGV  member, item, quiet ms, longest wait ms, most messages, dedupe ttl ms, idle ttl ms, format of the item
-- gives {1, due ms, now ms}, {0} for a redelivery, or {2} for a message that was taken back before it came
if redis.call('EXISTS', KEYS[4]) == 1 then return {0} end
local time = redis.call('TIME')
local now = time[1] * 1000 + math.ceil(time[2] / 1000) -- up, so that nobody is answered within the quiet window
local item = ARGV[2]
local id = string.match(item, '^[^\n]*\n')
local early = 'early:' .. string.sub(id, 1, -2)
local known = redis.call('HMGET', KEYS[1], 'state', 'first', 'pause', 'early', 'firm', 'held_until', 'check_at',
                         'received', 'format', early)
-- An edit or unsend that overtook this message. Older versions kept but one, with the message's id.
local which_edit, how, text = string.match(known[10] or '', '^%d+ ?(%d*)\n(%a+)\n(.*)$')
if not how and known[4] and string.sub(known[4], 1, #id) == id then
    early = 'early'
    how, text = string.match(string.sub(known[4], #id + 1), '^(%a+)\n(.*)$')
end
local message = how and cjson.decode(string.sub(item, #id + 1))
if how == 'edit' then
    message.text, message.edit = text, tonumber(which_edit)
    item = id .. cjson.encode(message)
end
-- What a script has written is not undone when it fails: a key that is not what it should be fails here.
redis.call('LLEN', KEYS[2])
redis.call('ZSCORE', KEYS[3], ARGV[1])
local received = (known[8] or 0) + 1

redis.call('SET', KEYS[4], '1', 'PX', ARGV[6])
if how and not message.withheld then redis.call('HDEL', KEYS[1], early) end -- else it comes once more, whole
if how == 'unsend' then return {2} end
local waiting = redis.call('RPUSH', KEYS[2], item)
local first = tonumber(known[2])
if not first then
    first = now
    redis.call('PEXPIRE', KEYS[1], ARGV[7])
end
local due = math.min(now + ARGV[3], first + ARGV[4])
if waiting >= tonumber(ARGV[5]) then due = now end
redis.call('HSET', KEYS[1], 'first', first, 'next', due, 'received', received, 'format',
           math.max(tonumber(known[9]) or 1, tonumber(ARGV[8])))
-- While a person answers, the message waits for that person; if nobody does, the bot looks at it when the pause ends.
due = math.max(due, tonumber(known[3]) or 0, tonumber(known[5]) or 0)
if known[1] ~= 'run' then -- else the worker's lease stays; the hand-back takes this over
    redis.call('ZADD', KEYS[3], math.min(due, tonumber(known[6]) or due, tonumber(known[7]) or due), ARGV[1])
end
return {1, due, now}
