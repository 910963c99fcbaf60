-- KEYS: counter. ARGV: call, amount, now, the end of a new window, its length. Adds the amount, and returns the sum and the end of
-- the window, separated by a space; nothing if no window is open and the amount is not positive, or if the amount is negative and
-- the window ends later than a new one would.
--
-- The caller's time decides whether the window has ended. The server's time only delays the expiry of the key. The sum is also
-- kept for the call, by the minute, so that the call returns it again if a driver repeats it.
local time = redis.call('TIME')
local minute = math.floor(time[1] / 60)
local own = minute .. ':' .. ARGV[1]
local found = redis.pcall('HMGET', KEYS[1], 'count', 'minute', own, minute - 1 .. ':' .. ARGV[1])
if found.err then
  return found
end
local repeated = found[3] or found[4]
if repeated then
  return repeated
end
local value, expires = string.match(found[1] or '', '^(%d+) (-?%d+)$')
local opens = not value or tonumber(ARGV[3]) > tonumber(expires)
local amount = tonumber(ARGV[2])
if opens and amount <= 0 or not opens and amount < 0 and tonumber(expires) > tonumber(ARGV[4]) then
  return false
end
if opens then
  value, expires = 0, ARGV[4]
end
local count = string.format('%.0f ', math.min(math.max(value + amount, 0), 9007199254740992)) .. expires
local set = redis.pcall('HSET', KEYS[1], 'count', count, 'minute', minute, own, count)
if type(set) == 'table' then
  return set
end
if opens then
  local at = math.max(tonumber(expires), time[1] * 1000 + math.floor(time[2] / 1000) + ARGV[5])
  redis.call('PEXPIREAT', KEYS[1], string.format('%.0f', math.min(at, 9007199254740991)))
end
if found[2] and tonumber(found[2]) ~= minute then
  for _, field in ipairs(redis.call('HKEYS', KEYS[1])) do
    local kept = string.match(field, '^(%d+):')
    if kept and tonumber(kept) < minute - 1 then
      redis.call('HDEL', KEYS[1], field)
    end
  end
end
return count
