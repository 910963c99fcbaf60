-- KEYS: session under its new id, index, session. ARGV: JSON, expiry, new id, whether the index expires, JSON that is
-- expected, id. Returns 0 if the new id is taken, and what there is instead of what is expected, if anything.
local value = redis.call('GET', KEYS[3])
if value ~= ARGV[5] then
  return value
end
if redis.call('EXISTS', KEYS[1]) == 1 then
  return 0
end
local stored = store(KEYS[1], KEYS[2], ARGV[1], ARGV[2], ARGV[3], ARGV[4])
redis.call('DEL', KEYS[3])
redis.call('SREM', KEYS[2], ARGV[6])
return stored
