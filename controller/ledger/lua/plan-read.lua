-- Reads fields of the plan in force. Changes nothing.
-- KEYS  1 plan
-- ARGV  1 ledger ids  2 seen  3… fields
-- Reply the values, nil where there is none; error LEDGERLOST
-- @include loss
local gone = loss(redis.call('HGET', KEYS[1], 'ledger'), KEYS[1], ARGV[1], ARGV[2])
if gone then return gone end
return redis.call('HMGET', KEYS[1], unpack(ARGV, 3))
