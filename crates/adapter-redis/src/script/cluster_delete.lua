-- KEYS: session. ARGV: expected JSON. Returns the value if it is a different one.
local value = redis.pcall('GET', KEYS[1])
if value ~= ARGV[1] then
  return value
end
return redis.pcall('UNLINK', KEYS[1])
