-- Last gate before the wire. Marks the claim as being on the wire. Repeated after a lost answer it answers the same.
-- KEYS  1 plan  2 lanes  3 the sender's claims
-- ARGV  1 ledger ids  2 seen  3 token  4 sender  5 route  6 fence of the lane  7 Message-ID  8 campaign
-- Reply Ok | Fenced | Paused | LaneLost; error LEDGERLOST
-- @include clock
-- @include loss
-- @include message
-- @include claim-record
local gone = loss(KEYS[1], ARGV[1], ARGV[2])
if gone then return gone end
local token, sender, route, campaign = ARGV[3], ARGV[4], ARGV[5], ARGV[8]
local text = redis.call('HGET', KEYS[3], token)
if not text then return 'Fenced' end
if redis.call('HGET', KEYS[2], route) ~= join(sender, ARGV[6]) then return 'LaneLost' end
local gates = redis.call('HMGET', KEYS[1], 'pool', 'c/' .. campaign, 'r/' .. route)
for index = 1, 3 do
  if gates[index] ~= 'open' then return 'Paused' end
end
local claim = read_claim(text)
claim.stage, claim.route, claim.message_id, claim.began = 'Wire', route, ARGV[7], now_ms()
redis.call('HSET', KEYS[3], token, write_claim(claim))
return 'Ok'
