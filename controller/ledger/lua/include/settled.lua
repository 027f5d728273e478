-- The last settled tokens of a pool, so that a repeated settle is known as one. A token is SENDER.NUMBER, the number of its own in the
-- pool; it is kept in the ring's place NUMBER modulo the size, until a later one takes the place: at 3,000 messages a second, after
-- five seconds.
local SETTLED_SIZE = 16384

local function settled_place(token)
  local number = tonumber(token:match('(%d+)$') or 0)
  return '#' .. number % SETTLED_SIZE, number
end

local function note_settled(keys, token)
  local place, number = settled_place(token)
  redis.call('BITFIELD', keys.settled, 'SET', 'u48', place, number)
end

local function was_settled(keys, token)
  local place, number = settled_place(token)
  return number > 0 and redis.call('BITFIELD', keys.settled, 'GET', 'u48', place)[1] == number
end

local function forget_settled(keys, token)
  if was_settled(keys, token) then redis.call('BITFIELD', keys.settled, 'SET', 'u48', (settled_place(token)), 0) end
end
