-- Adds a session to an index, and extends its expiry to at least that of the session. Returns an error reply if the key is not
-- an index, and the number of new entries.
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
    -- Redis 6.2 cannot compare expiries. Its PTTL uses a clock that may be up to a second behind TIME.
    local left = redis.call('PTTL', index)
    if left >= 0 then
      local time = redis.call('TIME')
      if time[1] * 1000 + left - 1000 < tonumber(at) then
        redis.call('PEXPIREAT', index, at + 3000)
      end
      return nil, added
    end
  end
  -- An index without an expiry may contain sessions that expire later than this one, unless it is new and contains no other.
  if added == 1 and redis.call('SCARD', index) == 1 then
    redis.call('PEXPIREAT', index, at)
  end
  return nil, added
end
