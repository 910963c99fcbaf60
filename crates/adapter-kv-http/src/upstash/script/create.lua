-- KEYS: session, index. ARGV: JSON, expiry, id, whether the index expires. Returns 0 if the id is taken.
if redis.call('EXISTS', KEYS[1]) == 1 then
  return 0
end
return store(KEYS[1], KEYS[2], ARGV[1], ARGV[2], ARGV[3], ARGV[4])
