-- KEYS: a key in the first slot. ARGV: first slot, last slot, prefix of session keys, number of keys. Returns the slot after those
-- that were read, and the ids of all sessions in them: whole slots, until they have this number of keys.
--
-- A slot that is being moved has keys on two servers.
local nodes = redis.pcall('CLUSTER', 'NODES')
if type(nodes) == 'table' then
  return nodes
end
local first, last, prefix = tonumber(ARGV[1]), tonumber(ARGV[2]), ARGV[3]
local own, moved, position = -1, last + 1, 0
for word in string.gmatch(string.match('\n' .. nodes, '\n%S+ %S+ myself[^\n]*'), '%S+') do
  position = position + 1
  local from, to = string.match(word, '^(%d+)%-?(%d*)$')
  local moving = tonumber(string.match(word, '^%[(%d+)'))
  -- Eight other fields come first.
  if position > 8 and from and tonumber(from) <= first then
    own = math.max(own, tonumber(to) or tonumber(from))
  elseif moving and moving >= first then
    moved = math.min(moved, moving)
  end
end
last = math.min(last, own, moved - 1)
if last < first then
  return redis.error_reply('TRYAGAIN a slot is being moved')
end
local slot, read, ids = first, 0, {}
while slot <= last and read < tonumber(ARGV[4]) do
  local count = redis.call('CLUSTER', 'COUNTKEYSINSLOT', slot)
  for _, key in ipairs(count > 0 and redis.call('CLUSTER', 'GETKEYSINSLOT', slot, count) or {}) do
    if string.sub(key, 1, #prefix) == prefix then
      ids[#ids + 1] = string.sub(key, #prefix + 1)
    end
  end
  slot, read = slot + 1, read + count
end
return {slot, ids}
