-- KEYS: session, index. ARGV: JSON, expiry, id, whether the index expires. Returns 0 if the id is taken.
local set = redis.pcall('SET', KEYS[1], ARGV[1], 'NX', 'PXAT', ARGV[2])
if not set then
  return 0
end
if set.err then
  return set
end
local failed = enter(KEYS[2], ARGV[3], ARGV[2], ARGV[4])
if failed then
  redis.call('DEL', KEYS[1])
  return failed
end
return 1
