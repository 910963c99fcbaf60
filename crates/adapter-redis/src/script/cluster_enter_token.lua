-- KEYS: index. ARGV: entry, expiry.
local failed = enter(KEYS[1], ARGV[1], ARGV[2])
return failed or 1
