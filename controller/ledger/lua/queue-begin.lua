-- Last gate before the wire, for many claims of one sender. Marks each that passes as being on the wire. Repeated after a lost answer
-- it answers the same.
-- KEYS  1 plan  2 lanes  3 the sender's claims
-- ARGV  1 ledger ids  2 seen  3 sender, then per claim its token, route, fence of the lane, Message-ID, campaign, and what its
--       record needs should the sender be lost: tabs between recipient, provider, account, overflow,
--       and its Date if it carries an idempotency key
-- Reply per claim Ok | Fenced | Paused | LaneLost; error LEDGERLOST
-- @include clock
-- @include loss
local plan = redis.call('HMGET', KEYS[1], 'ledger', 'pool')
local gone = loss(plan[1], KEYS[1], ARGV[1], ARGV[2])
if gone then return gone end
local tokens, routes, gates = {}, {}, {}
for index = 4, #ARGV, 6 do
  tokens[#tokens + 1] = ARGV[index]
  routes[#routes + 1] = ARGV[index + 1]
  gates[#gates + 1] = 'c/' .. ARGV[index + 4]
  gates[#gates + 1] = 'r/' .. ARGV[index + 1]
end
local claims = redis.call('HMGET', KEYS[3], unpack(tokens))
local lanes = redis.call('HMGET', KEYS[2], unpack(routes))
local is_open = redis.call('HMGET', KEYS[1], unpack(gates))

local sender, now, reply, writes = ARGV[3], string.format('%d', now_ms()), {}, {}
for item, token in ipairs(tokens) do
  local first = 6 * item - 2
  local answer = 'Ok'
  if not claims[item] then
    answer = 'Fenced'
  elseif lanes[item] ~= sender .. '\t' .. ARGV[first + 2] then
    answer = 'LaneLost'
  elseif plan[2] ~= 'open' or is_open[2 * item - 1] ~= 'open' or is_open[2 * item] ~= 'open' then
    answer = 'Paused'
  else
    writes[#writes + 1] = 'w:' .. token
    writes[#writes + 1] = routes[item] .. '\t' .. ARGV[first + 3] .. '\t' .. now .. '\t' .. ARGV[first + 5]
  end
  reply[#reply + 1] = answer
end
if #writes > 0 then redis.call('HSET', KEYS[3], unpack(writes)) end
return reply
