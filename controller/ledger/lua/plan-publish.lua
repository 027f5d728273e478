-- Replaces the plan of a pool with its gates, which say what may send now. Repeated it is a no-op.
-- KEYS  1 plan
-- ARGV  1 ledger id  2 seen  3 id of a lost ledger that this one replaces ('' = none)  4 revision  5 schema  6 body
--       7… gates: pool, c/CAMPAIGN, r/ROUTE, each followed by open | closed
-- Reply 1 published, 0 was in force already; error LEDGERLOST
-- @include loss
local found = redis.call('HGET', KEYS[1], 'ledger')
if not found or found ~= ARGV[3] then
  local gone = loss(KEYS[1], ARGV[1], ARGV[2])
  if gone then return gone end
end
if found == ARGV[1] and redis.call('HGET', KEYS[1], 'revision') == ARGV[4] then return 0 end

redis.call('DEL', KEYS[1])
redis.call('HSET', KEYS[1], 'ledger', ARGV[1], 'revision', ARGV[4], 'schema', ARGV[5], 'body', ARGV[6])
for index = 7, #ARGV, 2 do
  redis.call('HSET', KEYS[1], ARGV[index], ARGV[index + 1])
end
return 1
