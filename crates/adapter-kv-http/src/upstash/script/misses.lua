-- Whether the index of another release names a live session of the user that this one does not.
local function misses(index, other, user, sessions)
  for _, id in ipairs(other and redis.pcall('SDIFF', other, index) or {}) do
    local value = redis.pcall('GET', sessions .. id)
    if type(value) == 'string' and owner(value) == user then
      return true
    end
  end
end
