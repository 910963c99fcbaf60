-- KEYS: token. ARGV: id, kind, call, prefix of the keys of users' tokens, or empty if the entry is not to be removed. Returns the
-- token and frees its id, if it has this kind. Returns a value that is not this token unchanged.
--
-- For a minute the key keeps the token and the call that took it, so that the call returns it again if a driver repeats it.
local value = redis.pcall('GET', KEYS[1])
if type(value) ~= 'string' then
  return value
end
local taken = 'taken:' .. ARGV[3] .. ':'
if string.sub(value, 1, #taken) == taken then
  return string.sub(value, #taken + 1)
end
if string.sub(value, 1, 6) == 'taken:' then
  return false
end
local ok, token = pcall(cjson.decode, value)
if not ok or type(token) ~= 'table' or token.id ~= ARGV[1] then
  return value
end
if token.kind ~= ARGV[2] then
  return false
end
local set = redis.pcall('SET', KEYS[1], taken .. value, 'PX', 60000)
if set.err then
  return set
end
if ARGV[4] ~= '' and type(token.user_id) == 'string' and type(token.call) == 'string' then
  redis.pcall('ZREM', ARGV[4] .. token.user_id, token.kind .. ':' .. token.call .. ':' .. token.id)
end
return value
