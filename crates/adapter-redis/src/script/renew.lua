-- KEYS: session. ARGV: id, which is the key if it has no prefix, prefix of index keys, expected idle_expires or empty,
-- active_expires or empty, idle_expires or empty, whether the index expires, reserved prefixes. Returns 0 if idle_expires is not
-- the expected one, and the value if its times are not where Lucia writes them or its user is reserved.
local value = read(KEYS[1], ARGV[1])
if type(value) ~= 'string' then
  return value
end
-- Only the object itself can end like this: inside a string the quotes would be escaped.
local tail = string.match(string.sub(value, -80), ',"active_expires":%d+,"idle_expires":%d+}$')
local ok, session = pcall(cjson.decode, value)
if not tail or not ok or session.id ~= ARGV[1] or type(session.user_id) ~= 'string' or is_reserved(session.user_id, 7) then
  return value
end
local active, idle = string.match(tail, '(%d+),"idle_expires":(%d+)')
if ARGV[3] ~= '' and ARGV[3] ~= idle then
  return 0
end
if ARGV[4] ~= '' then
  active = ARGV[4]
end
if ARGV[5] ~= '' then
  idle = ARGV[5]
end
local at = idle
if at == '0' then
  at = '1'
elseif tonumber(at) > 9007199254740991 then
  at = '9007199254740991'
end
local index = ARGV[2] .. session.user_id
local failed = enter(index, ARGV[1], at, ARGV[6], string.sub(KEYS[1], 1, -#ARGV[1] - 1))
if failed then
  return failed
end
value = string.sub(value, 1, -#tail - 1) .. ',"active_expires":' .. active .. ',"idle_expires":' .. idle .. '}'
redis.call('SET', KEYS[1], value, 'PXAT', at)
if redis.call('EXISTS', KEYS[1]) == 0 then
  redis.pcall('SREM', index, ARGV[1])
end
return 1
