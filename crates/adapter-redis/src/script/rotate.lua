-- KEYS: session, session under its new id, index. ARGV: expected JSON, JSON, expiry, id, which is the key if it has no prefix,
-- new id, whether the index expires. Returns 0 if the new id is taken, and the value of the session if it is not the expected one.
local value = read(KEYS[1], ARGV[4])
if value ~= ARGV[1] then
  return value
end
if redis.call('EXISTS', KEYS[2]) == 1 then
  return 0
end
local failed = enter(KEYS[3], ARGV[5], ARGV[3], ARGV[6], string.sub(KEYS[1], 1, -#ARGV[4] - 1))
if failed then
  return failed
end
redis.call('SET', KEYS[2], ARGV[2], 'PXAT', ARGV[3])
redis.call('UNLINK', KEYS[1])
redis.pcall('SREM', KEYS[3], ARGV[4])
return 1
