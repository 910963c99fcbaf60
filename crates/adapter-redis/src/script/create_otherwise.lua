-- The remaining cases of create.lua: an index that never expires, is a list or is not an index, and Redis 6.2.
local failed = enter(index, ARGV[3], at, ARGV[4], string.sub(KEYS[1], 1, -#ARGV[3] - 1))
if failed then
  redis.call('DEL', KEYS[1])
  return failed
end
return 1
