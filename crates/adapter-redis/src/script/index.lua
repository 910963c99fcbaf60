-- Makes a set of an index that an old release of Lucia JS wrote as a list. Whether it was one.
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

-- Adds a session to an index, which lives at least as long; a session that has ended is not added. Its key, if it is written
-- already, says how long it has to live. Returns an error reply if the key is not an index, whether the session has ended,
-- and how many entries are new.
local function enter(index, id, at, expires, written)
  local ttl = redis.call('PTTL', index)
  local added = redis.pcall('SADD', index, id)
  if type(added) == 'table' then
    if not migrate(index) then
      return added
    end
    added = redis.call('SADD', index, id)
    ttl = -1
  end
  if ttl == -2 and expires == '1' then
    -- A new index goes at once if the session has ended.
    redis.call('PEXPIREAT', index, at)
    return nil, false, added
  end
  local left
  if written then
    left = redis.call('PTTL', written)
  else
    local time = redis.call('TIME')
    left = at - (time[1] * 1000 + math.floor(time[2] / 1000))
  end
  if left <= 0 then
    if added == 1 then
      redis.call('SREM', index, id)
    end
    return nil, true
  end
  -- An index that had no expiry may hold sessions that live longer than this one.
  if expires == '0' then
    if ttl >= 0 then
      redis.call('PERSIST', index)
    end
  elseif ttl >= 0 and ttl < left then
    redis.call('PEXPIREAT', index, at)
  end
  return nil, false, added
end
