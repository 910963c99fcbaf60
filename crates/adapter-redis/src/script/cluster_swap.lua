-- KEYS: session. ARGV: JSON that is expected, JSON, expiry. Returns 2 if the session has ended, and what there is instead
-- of what is expected, if anything.
local value = redis.pcall('GET', KEYS[1])
if value ~= ARGV[1] then
  return value
end
local set = redis.pcall('SET', KEYS[1], ARGV[2], 'PXAT', ARGV[3])
if set.err then
  return set
end
return 2 - redis.call('EXISTS', KEYS[1])
