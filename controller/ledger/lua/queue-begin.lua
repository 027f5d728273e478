-- Last gate before the wire. Marks the claim as being on the wire. Repeated after a lost answer it answers the same.
-- KEYS  1 plan  2 lanes  3 the sender's claims
-- ARGV  1 ledger ids  2 seen  3 token  4 sender  5 route  6 fence of the lane  7 Message-ID  8 campaign
-- Reply Ok | Fenced | Paused | LaneLost; error LEDGERLOST
-- @include clock
-- @include loss
local token, route = ARGV[3], ARGV[5]
local plan = redis.call('HMGET', KEYS[1], 'ledger', 'pool', 'c/' .. ARGV[8], 'r/' .. route)
local gone = loss(plan[1], KEYS[1], ARGV[1], ARGV[2])
if gone then return gone end
if redis.call('HEXISTS', KEYS[3], token) == 0 then return 'Fenced' end
if redis.call('HGET', KEYS[2], route) ~= ARGV[4] .. '\t' .. ARGV[6] then return 'LaneLost' end
if plan[2] ~= 'open' or plan[3] ~= 'open' or plan[4] ~= 'open' then return 'Paused' end
redis.call('HSET', KEYS[3], 'w:' .. token, route .. '\t' .. ARGV[7] .. '\t' .. now_ms())
return 'Ok'
