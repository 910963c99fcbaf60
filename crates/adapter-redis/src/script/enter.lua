-- Adds a session to an index, and extends its expiry to at least that of the session. Returns an error reply if the key is not
-- an index, and the number of new entries.
--
-- An index without an expiry, such as one of Lucia JS, gets that of its last session, if all of them can be read: by `sessions`,
-- the prefix of their keys, which is absent on a cluster.
local function enter(index, id, at, expires, sessions)
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
  local entries = redis.call('SCARD', index)
  if added == 1 and entries == 1 then
    redis.call('PEXPIREAT', index, at)
  elseif sessions and entries <= 1000 and redis.call('PTTL', index) == -1 then
    local longest = 0
    for _, other in ipairs(redis.call('SMEMBERS', index)) do
      local left = redis.call('PTTL', sessions .. other)
      -- A session that never expires, or one that is about to be written on a cluster.
      if left == -1 or string.byte(other) == 255 then
        return nil, added
      end
      longest = math.max(longest, left)
    end
    local time = redis.call('TIME')
    local last = math.max(tonumber(at), time[1] * 1000 + math.floor(time[2] / 1000) + longest)
    redis.call('PEXPIREAT', index, string.format('%.0f', math.min(last, 9007199254740991)))
  end
  return nil, added
end
