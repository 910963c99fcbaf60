-- KEYS: session. ARGV: JSON, expiry. Returns an existing value, 0 if it is not a string, and 2 if the session has
-- expired.
local set = redis.pcall('SET', KEYS[1], ARGV[1], 'NX', 'PXAT', ARGV[2])
if not set then
  local value = redis.pcall('GET', KEYS[1])
  return type(value) == 'string' and value or 0
end
if set.err then
  return set
end
return 2 - redis.call('EXISTS', KEYS[1])
