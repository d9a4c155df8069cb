-- Deletes what is kept about one contact. Who asks for more of it loses the lock, and so keeps nothing.
-- KEYS: what is kept about the contact; the entries and locks named in it are of the same hash slot
for _, key in ipairs(redis.call('SMEMBERS', KEYS[1])) do redis.call('DEL', key) end
return redis.call('DEL', KEYS[1])
