-- Converts an index that an old release of Lucia JS wrote as a list to a set. Returns true if it was a list.
local function migrate(index)
  if redis.call('TYPE', index).ok ~= 'list' then
    return false
  end
  local ids = redis.call('LRANGE', index, 0, -1)
  redis.call('DEL', index)
  for _, id in ipairs(ids) do
    redis.call('SADD', index, id)
  end
  return true
end
