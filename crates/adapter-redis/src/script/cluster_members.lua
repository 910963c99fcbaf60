-- KEYS: index. Returns the ids that it names, whatever release wrote it.
migrate(KEYS[1])
return redis.pcall('SMEMBERS', KEYS[1])
