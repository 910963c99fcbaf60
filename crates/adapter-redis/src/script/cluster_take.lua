-- KEYS: session. ARGV: id, which is the key if it has no prefix. Deletes the session and returns its value.
local value = read(KEYS[1], ARGV[1])
if type(value) == 'string' then
  local deleted = redis.pcall('UNLINK', KEYS[1])
  if type(deleted) == 'table' then
    return deleted
  end
end
return value
