-- Returns true if the key of an index is that of a session: `sessions`, the prefix of session keys, is empty. Its user has no
-- sessions. A session with the id of its user may have replaced the index, whose sessions a revocation would miss.
local function is_session(index, sessions)
  local value = sessions == '' and read(index, index)
  return type(value) == 'string' and cjson.decode(value).user_id ~= index
end
