-- KEYS: index. ARGV: user, prefix of session keys, id of the session that counts as the youngest, name of the attribute,
-- number of sessions to keep, maximum number of sessions, reserved prefixes.
-- Deletes the user's sessions except the youngest. Returns 0 if the index contains more than the maximum.
local ids = redis.pcall('SMEMBERS', KEYS[1])
if ids.err then
  if is_session(KEYS[1], ARGV[2]) then
    return 1
  end
  if not migrate(KEYS[1]) then
    return ids
  end
  ids = redis.call('SMEMBERS', KEYS[1])
end
if #ids > tonumber(ARGV[6]) then
  return 0
end
local sessions = {}
for _, id in ipairs(ids) do
  local value = not is_reserved(id, 7) and redis.pcall('GET', ARGV[2] .. id)
  local ok, session = pcall(cjson.decode, value)
  if ok and type(session) == 'table' and session.id == id and session.user_id == ARGV[1] then
    local created = session[ARGV[4]]
    if id == ARGV[3] then
      created = math.huge
    elseif type(created) ~= 'number' or created % 1 ~= 0 then
      created = -math.huge
    end
    sessions[#sessions + 1] = {id = id, created = created, expires = tonumber(session.idle_expires) or 0}
  end
end
-- The operator compares strings by the locale of the server.
local function precedes(one, other)
  for i = 1, math.min(#one, #other) do
    local a, b = string.byte(one, i), string.byte(other, i)
    if a ~= b then
      return a < b
    end
  end
  return #one < #other
end
table.sort(sessions, function(one, other)
  if one.created ~= other.created then
    return one.created > other.created
  end
  if one.expires ~= other.expires then
    return one.expires > other.expires
  end
  return precedes(other.id, one.id)
end)
for i = ARGV[5] + 1, #sessions do
  local deleted = redis.pcall('UNLINK', ARGV[2] .. sessions[i].id)
  if type(deleted) == 'table' then
    return deleted
  end
  redis.call('SREM', KEYS[1], sessions[i].id)
end
return 1
