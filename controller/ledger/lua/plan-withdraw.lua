-- Withdraws the plan of a deleted pool: every gate is closed. What is left says whose ledger it is, so that the absence of a plan
-- is not taken for a loss. Repeated, nothing changes.
-- KEYS  1 plan
-- ARGV  1 ledger ids  2 seen
-- Reply 1; error LEDGERLOST
-- @include loss
-- @include ledger-id
local gone = loss(redis.call('HGET', KEYS[1], 'ledger'), KEYS[1], ARGV[1], ARGV[2])
if gone then return gone end
redis.call('DEL', KEYS[1])
redis.call('HSET', KEYS[1], 'ledger', current_id(ARGV[1]))
return 1
