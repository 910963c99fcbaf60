-- KEYS: index. Returns its members, whichever release wrote it.
migrate(KEYS[1])
return redis.pcall('SMEMBERS', KEYS[1])
