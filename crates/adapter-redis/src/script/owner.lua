-- Returns the user of a session; nil if the value is not a session.
local function owner(value)
  local ok, session = pcall(cjson.decode, value)
  if ok and type(session) == 'table' and type(session.user_id) == 'string' then
    return session.user_id
  end
end
