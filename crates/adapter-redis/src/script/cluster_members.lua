-- KEYS: index. ARGV: prefix of session keys. Returns its members, whichever release wrote it.
if is_session(KEYS[1], ARGV[1]) then
  return {}
end
migrate(KEYS[1])
return redis.pcall('SMEMBERS', KEYS[1])
