-- KEYS: token, and the index of its user's tokens if it is to be entered. ARGV: JSON, expiry, entry. Returns 0 if the id is
-- taken.
--
-- The JSON contains the id of the call, so a token with the same JSON was stored by an earlier attempt of this call.
local set = redis.pcall('SET', KEYS[1], ARGV[1], 'NX', 'PXAT', ARGV[2])
if not set then
  local value = redis.pcall('GET', KEYS[1])
  if type(value) ~= 'string' then
    return 0
  end
  if string.sub(value, -#ARGV[1]) == ARGV[1] then
    return 1
  end
  if string.sub(value, 1, 6) ~= 'taken:' then
    return 0
  end
  set = redis.pcall('SET', KEYS[1], ARGV[1], 'PXAT', ARGV[2])
end
if set.err then
  return set
end
if KEYS[2] then
  local failed = enter(KEYS[2], ARGV[3], ARGV[2])
  if failed then
    redis.call('DEL', KEYS[1])
    return failed
  end
end
return 1
