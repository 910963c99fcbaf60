-- KEYS: index, index of another release or nothing. ARGV: user, what sessions begin with, how many at most, whether one is
-- kept, its id. Deletes the sessions that the index names, but those of others. Returns how many entries are left to look at, and
-- -1 if the index misses some.
if misses(KEYS[1], KEYS[2], ARGV[1], ARGV[2]) then
  return -1
end
local many, keeps, kept = tonumber(ARGV[3]), ARGV[4] == '1', ARGV[5]
for _, id in ipairs(redis.call('SRANDMEMBER', KEYS[1], keeps and many + 1 or many)) do
  if not (keeps and id == kept) then
    local value = redis.pcall('GET', ARGV[2] .. id)
    local user = type(value) == 'string' and owner(value) or nil
    if value and (user == nil or user == ARGV[1]) then
      redis.call('DEL', ARGV[2] .. id)
    end
    redis.call('SREM', KEYS[1], id)
  end
end
local left = redis.call('SCARD', KEYS[1])
if keeps then
  left = left - redis.call('SISMEMBER', KEYS[1], kept)
end
return left
