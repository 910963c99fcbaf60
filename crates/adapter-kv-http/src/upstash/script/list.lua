-- KEYS: index. ARGV: user, what sessions begin with. Returns the ids and values of what the index names, and removes from it
-- what is gone or another's.
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
