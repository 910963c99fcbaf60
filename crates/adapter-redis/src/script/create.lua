-- KEYS: session, index. ARGV: JSON, expiry, id, and 0 if the index does not expire. Returns 0 if the id is taken.
--
-- This part is usually sufficient. migrate.lua and enter.lua follow, whose functions take time to create, and
-- create_otherwise.lua.
local call, index, at = redis.pcall, KEYS[2], ARGV[2]
local set = call('SET', KEYS[1], ARGV[1], 'NX', 'PXAT', at)
if not set then
  return 0
end
if set.err then
  return set
end
if not ARGV[4] and call('SADD', index, ARGV[3]) == 1 then
  local lengthened = call('PEXPIREAT', index, at, 'GT')
  if lengthened == 1 then
    return 1
  end
  if lengthened == 0 then
    if redis.call('SCARD', index) == 1 then
      redis.call('PEXPIREAT', index, at)
      return 1
    end
    if redis.call('PTTL', index) ~= -1 then
      return 1
    end
  end
  -- The index never expires, or Redis 6.2 does not support GT: enter, below, starts again.
  redis.call('SREM', index, ARGV[3])
end
