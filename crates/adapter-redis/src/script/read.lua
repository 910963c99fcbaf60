-- Returns the value of a session's key, false if there is none, or an error reply. A key without a prefix may be that of another
-- record, which has another type: there is no such session.
local function read(key, id)
  local value = redis.pcall('GET', key)
  if key == id and type(value) == 'table' and string.find(value.err, 'WRONGTYPE', 1, true) then
    return false
  end
  return value
end
