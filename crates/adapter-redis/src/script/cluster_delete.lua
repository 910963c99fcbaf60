-- KEYS: session. ARGV: expected JSON, id, which is the key if it has no prefix. Returns the value if it is a different one.
local value = read(KEYS[1], ARGV[2])
if value ~= ARGV[1] then
  return value
end
return redis.pcall('UNLINK', KEYS[1])
