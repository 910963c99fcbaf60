-- KEYS: index. ARGV: ids. Returns the remaining members.
local removed = redis.pcall('SREM', KEYS[1], unpack(ARGV))
if type(removed) == 'table' then
  return removed
end
return redis.call('SMEMBERS', KEYS[1])
