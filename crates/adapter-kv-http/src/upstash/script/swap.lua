-- KEYS: session, index. ARGV: JSON, expiry, id, whether the index expires, JSON that is expected. Returns what there is
-- instead of what is expected, if anything.
local value = redis.call('GET', KEYS[1])
if value ~= ARGV[5] then
  return value
end
return store(KEYS[1], KEYS[2], ARGV[1], ARGV[2], ARGV[3], ARGV[4])
