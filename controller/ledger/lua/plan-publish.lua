-- Replaces the plan of a pool with its gates, which say what may send now. Repeated it is a no-op.
-- KEYS  1 plan
-- ARGV  1 ledger ids  2 seen  3 revision  4 schema  5 body
--       6… gates: pool, c/CAMPAIGN, r/ROUTE, each followed by open | closed
-- Reply published | unchanged (was in force already) | again (published after a withdrawal); error LEDGERLOST
-- @include loss
-- @include ledger-id
local gone = loss(redis.call('HGET', KEYS[1], 'ledger'), KEYS[1], ARGV[1], ARGV[2])
if gone then return gone end
local before = redis.call('HMGET', KEYS[1], 'ledger', 'revision')
if before[1] == current_id(ARGV[1]) and before[2] == ARGV[3] then return 'unchanged' end

local was_withdrawn = before[1] and not before[2]
redis.call('DEL', KEYS[1])
redis.call('HSET', KEYS[1], 'ledger', current_id(ARGV[1]), 'revision', ARGV[3], 'schema', ARGV[4], 'body', ARGV[5])
for index = 6, #ARGV, 2000 do
  redis.call('HSET', KEYS[1], unpack(ARGV, index, math.min(index + 1999, #ARGV)))
end
return was_withdrawn and 'again' or 'published'
