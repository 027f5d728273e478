-- Last gate before the wire, for many claims of one sender. Marks each that passes as being on the wire. Repeated after a lost answer
-- it answers the same.
-- KEYS  1 plan  2 lanes  3 the sender's claims
-- ARGV  1 ledger ids  2 seen  3 sender, then per claim its token, route, fence of the lane, Message-ID, campaign, and what its
--       record needs should the sender be lost: tabs between recipient, provider, account, overflow
-- Reply per claim Ok | Fenced | Paused | LaneLost; error LEDGERLOST
-- @include clock
-- @include loss
local plan = redis.call('HMGET', KEYS[1], 'ledger', 'pool')
local gone = loss(plan[1], KEYS[1], ARGV[1], ARGV[2])
if gone then return gone end
local sender, now, reply, writes = ARGV[3], string.format('%d', now_ms()), {}, {}
for index = 4, #ARGV, 6 do
  local token, route = ARGV[index], ARGV[index + 1]
  local answer = 'Ok'
  if redis.call('HEXISTS', KEYS[3], token) == 0 then
    answer = 'Fenced'
  elseif redis.call('HGET', KEYS[2], route) ~= sender .. '\t' .. ARGV[index + 2] then
    answer = 'LaneLost'
  else
    local gates = redis.call('HMGET', KEYS[1], 'c/' .. ARGV[index + 4], 'r/' .. route)
    if plan[2] ~= 'open' or gates[1] ~= 'open' or gates[2] ~= 'open' then answer = 'Paused' end
  end
  if answer == 'Ok' then
    writes[#writes + 1] = 'w:' .. token
    writes[#writes + 1] = route .. '\t' .. ARGV[index + 3] .. '\t' .. now .. '\t' .. ARGV[index + 5]
  end
  reply[#reply + 1] = answer
end
if #writes > 0 then redis.call('HSET', KEYS[3], unpack(writes)) end
return reply
