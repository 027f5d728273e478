-- Gives the ledger its name: the first one, or another after a person has accepted a loss. Only when it is still called what the caller found.
-- KEYS  1 identity
-- ARGV  1 id that was found ('' = none)  2 new id  3 schema  4 ids of the lost ledgers that it replaces, with commas between ('' = none)
-- Reply 1 named, 0 somebody else was first
if (redis.call('HGET', KEYS[1], 'id') or '') ~= ARGV[1] then return 0 end
redis.call('HSET', KEYS[1], 'id', ARGV[2])
if ARGV[1] == '' then redis.call('HSET', KEYS[1], 'schema', ARGV[3]) end
if ARGV[4] ~= '' then redis.call('HSET', KEYS[1], 'replaces', ARGV[4]) end
return 1
