-- Adds an earned entry, or gives it its latest reason. Repeated, nothing changes but the time.
-- KEYS  1 lists  2 the list's earned entries: hash entry → first entry of the address  3 log: hash first entry → JSON for people
-- ARGV  1 ledger ids  2 seen  3 JSON with address and reason, to which the time is added  4… entries of the address
-- Reply 1; error LEDGERLOST
-- @include clock
-- @include loss
-- @include ledger-id
local gone = loss(redis.call('HGET', KEYS[1], 'ledger'), KEYS[1], ARGV[1], ARGV[2])
if gone then return gone end
redis.call('HSET', KEYS[1], 'ledger', current_id(ARGV[1]))
local entry = cjson.decode(ARGV[3])
entry.timeMs = now_ms()
redis.call('HSET', KEYS[3], ARGV[4], cjson.encode(entry))
for index = 4, #ARGV do redis.call('HSET', KEYS[2], ARGV[index], ARGV[4]) end
return 1
