-- Returns true if the id begins with one of the arguments from this position: the prefixes of other records, if keys of sessions
-- have none. The id then has no key.
local function is_reserved(id, position)
  for i = position, #ARGV do
    if string.sub(id, 1, #ARGV[i]) == ARGV[i] then
      return true
    end
  end
  return false
end
