-- KEYS: session. ARGV: id, what indexes begin with.
local value = redis.pcall('GET', KEYS[1])
redis.call('DEL', KEYS[1])
local user = type(value) == 'string' and owner(value)
if user then
  redis.pcall('SREM', ARGV[2] .. user, ARGV[1])
end
return 1
