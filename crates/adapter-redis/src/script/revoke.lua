-- KEYS: index. ARGV: user, prefix of session keys, maximum number of sessions, whether one is kept, its id, reserved prefixes.
-- Deletes the sessions in the index, except those of other users. Returns the number of entries that remain to be checked.
local many, keeps, kept = tonumber(ARGV[3]), ARGV[4] == '1', ARGV[5]
local ids = redis.pcall('SRANDMEMBER', KEYS[1], keeps and many + 1 or many)
if ids.err then
  if is_session(KEYS[1], ARGV[2]) then
    return 0
  end
  if not migrate(KEYS[1]) then
    return ids
  end
  ids = redis.call('SRANDMEMBER', KEYS[1], keeps and many + 1 or many)
end
for _, id in ipairs(ids) do
  if not (keeps and id == kept) then
    local session = ARGV[2] .. id
    local value = not is_reserved(id, 6) and read(session, id)
    if type(value) == 'string' then
      local user = owner(value)
      if user == nil or user == ARGV[1] then
        local deleted = redis.pcall('UNLINK', session)
        if type(deleted) == 'table' then
          return deleted
        end
      end
    end
    local removed = redis.pcall('SREM', KEYS[1], id)
    if type(removed) == 'table' then
      return removed
    end
  end
end
local left = redis.call('SCARD', KEYS[1])
if keeps then
  left = left - redis.call('SISMEMBER', KEYS[1], kept)
end
return left
