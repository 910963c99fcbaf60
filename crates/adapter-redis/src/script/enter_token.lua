-- Adds an entry to the index of a user's tokens, with the token's expiry as its score. Removes the entries whose token expired
-- more than a minute ago, and extends the index's expiry to a minute after its last token. Returns an error reply if the key is
-- not an index.
local function enter(index, entry, at)
  local added = redis.pcall('ZADD', index, at, entry)
  if type(added) == 'table' then
    return added
  end
  local time = redis.call('TIME')
  redis.call('ZREMRANGEBYSCORE', index, '-inf', '(' .. string.format('%.0f', (time[1] - 60) * 1000))
  local last = redis.call('ZRANGE', index, -1, -1, 'WITHSCORES')[2]
  if last then
    redis.call('PEXPIREAT', index, string.format('%.0f', math.min(last + 60000, 9007199254740991)))
  end
end
