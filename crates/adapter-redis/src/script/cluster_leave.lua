-- KEYS: index. ARGV: ids. Returns what the index names then.
local removed = redis.pcall('SREM', KEYS[1], unpack(ARGV))
if type(removed) == 'table' then
  return removed
end
return redis.call('SMEMBERS', KEYS[1])
