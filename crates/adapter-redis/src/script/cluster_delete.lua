-- KEYS: session. ARGV: JSON that is expected. Returns what there is instead, if anything.
local value = redis.pcall('GET', KEYS[1])
if value ~= ARGV[1] then
  return value
end
return redis.pcall('UNLINK', KEYS[1])
