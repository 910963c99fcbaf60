-- Stores a session and its index entry. Returns 2 if the session has ended by then, and is gone.
local function store(session, index, json, at, id, expires)
  local known = redis.call('PTTL', index)
  -- It fails if the index is of another type, before anything is written.
  redis.call('SADD', index, id)
  redis.call('SET', session, json)
  redis.call('PEXPIREAT', session, at)
  local left = redis.call('PTTL', session)
  if left < 0 then
    redis.call('SREM', index, id)
    return 2
  end
  -- An index that had no expiry may hold sessions that live longer than this one.
  if expires == '0' then
    if known >= 0 then
      redis.call('PERSIST', index)
    end
  elseif known == -2 or (known >= 0 and known < left) then
    redis.call('PEXPIREAT', index, at)
  end
  return 1
end
