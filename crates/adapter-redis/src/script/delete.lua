-- KEYS: session. ARGV: id, which is the key if it has no prefix, prefix of index keys. Returns 0 if the session does not exist.
local value = read(KEYS[1], ARGV[1])
if not value then
  return 0
end
if type(value) == 'table' then
  return value
end
local deleted = redis.pcall('UNLINK', KEYS[1])
if type(deleted) == 'table' then
  return deleted
end
local user = owner(value)
if user then
  local removed = redis.pcall('SREM', ARGV[2] .. user, ARGV[1])
  if type(removed) == 'table' then
    redis.pcall('LREM', ARGV[2] .. user, 0, ARGV[1])
  end
end
return 1
