-- Begins a new generation of every tool that a pattern names: what is kept of the old one is not given any more.
-- KEYS: generations   ARGV: patterns, in which * stands for any characters
-- how many tools
local forgotten = 0
for _, tool in ipairs(redis.call('HKEYS', KEYS[1])) do
    for _, pattern in ipairs(ARGV) do
        local lua = '^' .. pattern:gsub('[^%w*]', '%%%0'):gsub('%*', '.*') .. '$'
        if tool:match(lua) then
            redis.call('HINCRBY', KEYS[1], tool, 1)
            forgotten = forgotten + 1
            break
        end
    end
end
return forgotten
