-- KEYS: session. ARGV: JSON, expiry. Returns what there is already, 0 if that is no string, and 2 if the session has ended.
local set = redis.pcall('SET', KEYS[1], ARGV[1], 'NX', 'PXAT', ARGV[2])
if not set then
  local value = redis.pcall('GET', KEYS[1])
  return type(value) == 'string' and value or 0
end
if set.err then
  return set
end
return 2 - redis.call('EXISTS', KEYS[1])
