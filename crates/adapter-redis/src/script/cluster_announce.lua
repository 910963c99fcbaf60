-- KEYS: index. ARGV: id, expiry, whether the index expires. Announces a session and returns the announcement, or 2 if
-- the session has expired.
local known = redis.pcall('SISMEMBER', KEYS[1], ARGV[1])
if type(known) == 'table' then
  if not migrate(KEYS[1]) then
    return known
  end
  known = redis.call('SISMEMBER', KEYS[1], ARGV[1])
end
local time = redis.call('TIME')
if tonumber(ARGV[2]) <= time[1] * 1000 + math.floor(time[2] / 1000) then
  return 2
end
local announcement = '\255' .. (known == 1 and '=' or '+') .. time[1] .. string.format('%06d', time[2]) .. ':' .. ARGV[1]
local failed = enter(KEYS[1], announcement, ARGV[2], ARGV[3])
return failed or announcement
