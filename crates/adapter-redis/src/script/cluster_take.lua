-- KEYS: session. Deletes the session and returns its value.
local value = redis.pcall('GET', KEYS[1])
if type(value) == 'string' then
  local deleted = redis.pcall('UNLINK', KEYS[1])
  if type(deleted) == 'table' then
    return deleted
  end
end
return value
