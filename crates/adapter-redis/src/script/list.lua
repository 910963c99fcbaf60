-- KEYS: index. ARGV: prefix of session keys, maximum number of sessions, reserved prefixes. Returns the ids in the index and the
-- values of their sessions, and removes ids whose session does not exist. Returns only the ids if there are more, announcements of a
-- cluster, or reserved ids.
local ids = redis.pcall('SMEMBERS', KEYS[1])
if ids.err then
  if is_session(KEYS[1], ARGV[1]) then
    return {{}, false}
  end
  if not migrate(KEYS[1]) then
    return ids
  end
  ids = redis.call('SMEMBERS', KEYS[1])
end
if #ids == 0 or #ids > tonumber(ARGV[2]) then
  return {ids, false}
end
local keys = {}
for i, id in ipairs(ids) do
  if string.byte(id) == 255 or is_reserved(id, 3) then
    return {ids, false}
  end
  keys[i] = ARGV[1] .. id
end
local values, gone = redis.call('MGET', unpack(keys)), {}
for i, id in ipairs(ids) do
  if not values[i] then
    gone[#gone + 1] = id
  end
end
if #gone > 0 then
  redis.pcall('SREM', KEYS[1], unpack(gone))
end
return {ids, values}
