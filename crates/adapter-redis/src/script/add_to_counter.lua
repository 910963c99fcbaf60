-- KEYS: counter. ARGV: call, amount, now, the end of a new window, its length. Adds the amount, and returns the sum and the end of
-- the window, separated by a space; nothing if no window is open and the amount is not positive, or if the amount is negative and
-- the window ends later than a new one would.
--
-- The caller's time decides whether the window has ended. The server's time only delays the expiry of the key. The sums of the last
-- thousand calls are kept, so that a call returns its own again if a driver repeats it.
local found = redis.pcall('HMGET', KEYS[1], 'count', 'calls', ARGV[1])
if found.err then
  return found
end
if found[3] then
  return found[3]
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
local calls = (found[2] or 0) + 1
local place = '#' .. calls % 1000
local oldest = redis.call('HGET', KEYS[1], place)
local set = redis.pcall('HSET', KEYS[1], 'count', count, 'calls', calls, place, ARGV[1], ARGV[1], count)
if type(set) == 'table' then
  return set
end
if oldest then
  redis.call('HDEL', KEYS[1], oldest)
end
if opens then
  local time = redis.call('TIME')
  local at = math.max(tonumber(expires), time[1] * 1000 + math.floor(time[2] / 1000) + ARGV[5])
  redis.call('PEXPIREAT', KEYS[1], string.format('%.0f', math.min(at, 9007199254740991)))
end
return count
