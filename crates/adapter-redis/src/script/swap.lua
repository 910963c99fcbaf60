-- KEYS: session, index. ARGV: expected JSON, JSON, expiry, id, which is the key if it has no prefix, whether the index expires.
-- Returns the value of the session if it is not the expected one.
local value = read(KEYS[1], ARGV[4])
if value ~= ARGV[1] then
  return value
end
local failed = enter(KEYS[2], ARGV[4], ARGV[3], ARGV[5], string.sub(KEYS[1], 1, -#ARGV[4] - 1))
if failed then
  return failed
end
redis.call('SET', KEYS[1], ARGV[2], 'PXAT', ARGV[3])
if redis.call('EXISTS', KEYS[1]) == 0 then
  redis.pcall('SREM', KEYS[2], ARGV[4])
end
return 1
