-- The last settled tokens of a pool, so that a repeated settle is known as one. A token is SENDER.NUMBER, the number of its own in the
-- pool; it is kept in the ring's place NUMBER modulo the size, until a later one takes the place: at 3,000 messages a second, after
-- five seconds.
local SETTLED_SIZE = 16384

local function settled_place(token)
  local number = tonumber(token:match('(%d+)$') or 0)
  return '#' .. number % SETTLED_SIZE, number
end

local function note_settled(ring, tokens)
  local commands = {}
  for _, token in ipairs(tokens) do
    local place, number = settled_place(token)
    local last = #commands
    commands[last + 1], commands[last + 2], commands[last + 3], commands[last + 4] = 'SET', 'u48', place, number
  end
  if #commands > 0 then redis.call('BITFIELD', ring, unpack(commands)) end
end

local function was_settled(ring, token)
  local place, number = settled_place(token)
  return number > 0 and redis.call('BITFIELD', ring, 'GET', 'u48', place)[1] == number
end

local function forget_settled(ring, token)
  if was_settled(ring, token) then redis.call('BITFIELD', ring, 'SET', 'u48', (settled_place(token)), 0) end
end

-- Whether the ledger certainly does not know that the token was settled. A later token in its place may have taken it: then it is known.
local function is_lost(ring, token)
  local place, number = settled_place(token)
  return redis.call('BITFIELD', ring, 'GET', 'u48', place)[1] < number
end
