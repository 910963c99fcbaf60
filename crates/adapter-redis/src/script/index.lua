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

-- Adds a session to an index, which lives at least as long. Returns an error reply if the key is not an index, and how many
-- entries are new.
local function enter(index, id, at, expires)
  local ends, wanted = redis.pcall('PEXPIRETIME', index), at
  if type(ends) == 'table' then
    -- Redis 6.2 tells how long an index has to live, by a clock that may be behind TIME: a second is allowed for that.
    ends = redis.call('PTTL', index)
    if ends >= 0 then
      local time = redis.call('TIME')
      ends = time[1] * 1000 + ends - 1000
      wanted = at + 3000
    end
  end
  local added = redis.pcall('SADD', index, id)
  if type(added) == 'table' then
    if not migrate(index) then
      return added
    end
    added = redis.call('SADD', index, id)
    ends = -1
  end
  -- An index that had no expiry may hold sessions that live longer than this one.
  if expires == '0' then
    if ends >= 0 then
      redis.call('PERSIST', index)
    end
  elseif ends ~= -1 and ends < tonumber(at) then
    redis.call('PEXPIREAT', index, wanted)
  end
  return nil, added
end
