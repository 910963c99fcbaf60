-- KEYS: session. ARGV: expected JSON, JSON, expiry, id, which is the key if it has no prefix. Returns 2 if the session has expired,
-- and the value if it is not the expected one.
local value = read(KEYS[1], ARGV[4])
if value ~= ARGV[1] then
  return value
end
local set = redis.pcall('SET', KEYS[1], ARGV[2], 'PXAT', ARGV[3])
if set.err then
  return set
end
return 2 - redis.call('EXISTS', KEYS[1])
