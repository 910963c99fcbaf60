-- Deletes a token if this call stored it, and returns 1; 0 or an error reply otherwise. A value that is not a token is deleted
-- too, except that of a token that was taken: this call may still be about to store its token.
local function delete(key, call)
  local value = redis.pcall('GET', key)
  if type(value) ~= 'string' or string.sub(value, 1, 6) == 'taken:' then
    return 0
  end
  local ok, token = pcall(cjson.decode, value)
  local known = ok and type(token) == 'table'
  if known and token.call ~= call then
    return 0
  end
  local deleted = redis.pcall('UNLINK', key)
  if type(deleted) == 'table' then
    return deleted
  end
  return known and deleted or 0
end
