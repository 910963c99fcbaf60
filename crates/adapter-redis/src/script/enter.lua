-- Adds a session to an index, which lives at least as long. Returns an error reply if the key is not an index, and how many
-- entries are new.
local function enter(index, id, at, expires)
  local added = redis.pcall('SADD', index, id)
  if type(added) == 'table' then
    if not migrate(index) then
      return added
    end
    added = redis.call('SADD', index, id)
  end
  if expires == '0' then
    redis.call('PERSIST', index)
    return nil, added
  end
  local lengthened = redis.pcall('PEXPIREAT', index, at, 'GT')
  if lengthened == 1 then
    return nil, added
  end
  if lengthened ~= 0 then
    -- Redis 6.2 compares no expiries. It tells how long an index has to live, by a clock that may be behind TIME: a second is
    -- allowed for that.
    local left = redis.call('PTTL', index)
    if left >= 0 then
      local time = redis.call('TIME')
      if time[1] * 1000 + left - 1000 < tonumber(at) then
        redis.call('PEXPIREAT', index, at + 3000)
      end
      return nil, added
    end
  end
  -- An index that has no expiry may hold sessions that live longer than this one, unless it holds nothing else and is new.
  if added == 1 and redis.call('SCARD', index) == 1 then
    redis.call('PEXPIREAT', index, at)
  end
  return nil, added
end
