-- KEYS: index. ARGV: announcements. Removes those older than ten minutes, whose session can no longer be
-- written.
local time = redis.call('TIME')
for _, announcement in ipairs(ARGV) do
  local at = string.match(announcement, '^..(%d+):')
  if at and time[1] - at / 1000000 > 600 then
    local removed = redis.pcall('SREM', KEYS[1], announcement)
    if type(removed) == 'table' then
      return removed
    end
  end
end
return 1
