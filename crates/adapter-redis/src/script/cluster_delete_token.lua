-- KEYS: token. ARGV: call. Returns 0 if this call's token does not exist.
return delete(KEYS[1], ARGV[1])
