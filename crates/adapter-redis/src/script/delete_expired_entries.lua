-- KEYS: index, sessions. ARGV: user, ids. Removes ids whose session does not exist or belongs to another user from the index,
-- and returns the remaining members.
for i = 2, #KEYS do
  local value = read(KEYS[i], ARGV[i])
  local user = type(value) == 'string' and owner(value)
  if user == false or (user and user ~= ARGV[1]) then
    local removed = redis.pcall('SREM', KEYS[1], ARGV[i])
    if type(removed) == 'table' then
      return removed
    end
  end
end
return redis.call('SMEMBERS', KEYS[1])
