-- KEYS: index. ARGV: ids. Returns the remaining members.
local removed = redis.pcall('SREM', KEYS[1], unpack(ARGV))
if type(removed) == 'table' then
  if not migrate(KEYS[1]) then
    return removed
  end
  redis.call('SREM', KEYS[1], unpack(ARGV))
end
return redis.call('SMEMBERS', KEYS[1])
