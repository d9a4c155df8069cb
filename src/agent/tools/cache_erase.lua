-- Deletes what is kept about one contact.
-- KEYS: what is kept about the contact; the entries named in it are of the same hash slot
-- how many results
local entries = redis.call('SMEMBERS', KEYS[1])
for _, entry in ipairs(entries) do redis.call('DEL', entry) end
redis.call('DEL', KEYS[1])
return #entries
