-- KEYS: index. ARGV: prefix of token keys, kind, or empty for all, maximum number of tokens. Deletes the tokens of this kind and
-- their entries. Returns 1 if there are more.
local entries = redis.pcall('ZRANGE', KEYS[1], 0, -1)
if entries.err then
  return entries
end
local left = tonumber(ARGV[3])
for _, entry in ipairs(entries) do
  local kind, call, id = string.match(entry, '^([^:]*):([^:]*):(.*)$')
  if ARGV[2] == '' or ARGV[2] == kind then
    if left == 0 then
      return 1
    end
    left = left - 1
    local deleted = id and delete(ARGV[1] .. id, call)
    if type(deleted) == 'table' then
      return deleted
    end
    redis.call('ZREM', KEYS[1], entry)
  end
end
return 0
