-- How many messages of which campaign wait for which shared limit. Changes nothing.
-- KEYS  1 limited
-- ARGV  none
-- Reply {limit, campaign, messages}… in the order of their names
-- @include tabs
local reply, from = {}, '-'
while true do
  local member = redis.call('ZRANGEBYLEX', KEYS[1], from, '+', 'LIMIT', 0, 1)[1]
  if not member then return reply end
  local name = values_of(member, 3)
  local limit, campaign = name:match('^(%S+) (.*)$')
  from = '(' .. name .. '\t\255'
  reply[#reply + 1] = { limit, campaign, redis.call('ZLEXCOUNT', KEYS[1], '[' .. name .. '\t', from) }
end
