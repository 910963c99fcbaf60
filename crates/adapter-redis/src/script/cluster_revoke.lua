-- KEYS: session. ARGV: user, id, which is the key if it has no prefix. Deletes the session unless it belongs to another user.
-- Returns 0 if it does not exist.
local value = read(KEYS[1], ARGV[2])
if type(value) ~= 'string' then
  return 0
end
local user = owner(value)
if user == nil or user == ARGV[1] then
  return redis.pcall('UNLINK', KEYS[1])
end
return 1
