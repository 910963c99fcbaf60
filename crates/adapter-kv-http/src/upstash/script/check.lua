-- KEYS: indexes of another release. ARGV: what they begin with, what an index and what a session begins with. Returns -1 if one of
-- them names a live session of its user that the index misses, and 0 otherwise.
for _, other in ipairs(KEYS) do
  local user = string.sub(other, #ARGV[1] + 1)
  if misses(ARGV[2] .. user, other, user, ARGV[3]) then
    return -1
  end
end
return 0
