-- KEYS: index. ARGV: id, expiry, whether the index expires, announcement or empty. Replaces an announcement by an
-- entry.
local failed = enter(KEYS[1], ARGV[1], ARGV[2], ARGV[3])
if failed then
  return failed
end
if ARGV[4] ~= '' then
  redis.call('SREM', KEYS[1], ARGV[4])
end
return 1
