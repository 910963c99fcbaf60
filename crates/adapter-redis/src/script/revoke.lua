-- KEYS: index, sessions. ARGV: user, ids. Deletes the sessions but those of others, and returns what the index names then.
for i = 2, #KEYS do
  local value = redis.pcall('GET', KEYS[i])
  if type(value) == 'string' then
    local user = owner(value)
    if user == nil or user == ARGV[1] then
      local deleted = redis.pcall('UNLINK', KEYS[i])
      if type(deleted) == 'table' then
        return deleted
      end
    end
  end
end
local removed = redis.pcall('SREM', KEYS[1], unpack(ARGV, 2))
if type(removed) == 'table' then
  return removed
end
return redis.call('SMEMBERS', KEYS[1])
