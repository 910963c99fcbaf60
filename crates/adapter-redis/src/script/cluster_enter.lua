-- KEYS: index. ARGV: id, expiry, whether the index expires. Returns 1 if the entry is new.
local failed, added = enter(KEYS[1], ARGV[1], ARGV[2], ARGV[3])
return failed or added or 0
