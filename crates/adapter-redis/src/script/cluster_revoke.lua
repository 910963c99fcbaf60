-- KEYS: session. ARGV: user. Deletes the session unless it is another's. Returns 0 if there is none.
local value = redis.pcall('GET', KEYS[1])
if type(value) ~= 'string' then
  return 0
end
local user = owner(value)
if user == nil or user == ARGV[1] then
  return redis.pcall('UNLINK', KEYS[1])
end
return 1
