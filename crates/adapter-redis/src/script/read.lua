-- Returns the value of a session's key, false if there is none, or an error reply. A key without a prefix, which equals the id, may
-- be that of another record: there is no such session unless the value is a session with this id.
local function read(key, id)
  local value = redis.pcall('GET', key)
  if key ~= id or not value then
    return value
  end
  if type(value) == 'table' then
    return not string.find(value.err, 'WRONGTYPE', 1, true) and value
  end
  local ok, session = pcall(cjson.decode, value)
  return ok and type(session) == 'table' and session.id == id and type(session.user_id) == 'string' and value
end
