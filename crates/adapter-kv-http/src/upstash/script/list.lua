-- KEYS: index, index of another release or nothing. ARGV: user, what sessions begin with. Returns the ids and values of what the
-- index names, and removes from it what is gone or another's; -1 if it misses some.
if misses(KEYS[1], KEYS[2], ARGV[1], ARGV[2]) then
  return -1
end
local found = {}
for _, id in ipairs(redis.call('SMEMBERS', KEYS[1])) do
  local value = redis.pcall('GET', ARGV[2] .. id)
  local user = type(value) == 'string' and owner(value) or nil
  if not value or (user and user ~= ARGV[1]) then
    redis.call('SREM', KEYS[1], id)
  elseif type(value) == 'string' then
    found[#found + 1] = id
    found[#found + 1] = value
  end
end
return found
