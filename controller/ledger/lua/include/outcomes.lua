-- Outcomes by row, four bits each, in chunks of rows: hash STEP:CHUNK → string.
local CHUNK_ROWS = 250
-- Fresh: never claimed, comes from the cursor. Claimed: held or waiting, not tried. All others say how the last attempt ended.
local STATES = { Fresh = 0, Deferred = 1, Delivered = 2, Failed = 3, Suppressed = 4, Cancelled = 5, Uncertain = 6, Claimed = 7 }

local function state_of(chunk, index)
  local byte = string.byte(chunk, math.floor(index / 2) + 1) or 0
  if index % 2 == 0 then return math.floor(byte / 16) end
  return byte % 16
end

local function with_state(chunk, index, state)
  local position = math.floor(index / 2) + 1
  if #chunk < position then chunk = chunk .. string.rep('\0', position - #chunk) end
  local byte = string.byte(chunk, position)
  byte = index % 2 == 0 and state * 16 + byte % 16 or math.floor(byte / 16) * 16 + state
  return chunk:sub(1, position - 1) .. string.char(byte) .. chunk:sub(position + 1)
end

-- A chunk as a table of its bytes: many rows of it change for the price of one.
local function bytes_of(chunk)
  return { string.byte(chunk or '', 1, -1) }
end

local function set_byte(bytes, index, state)
  local position = math.floor(index / 2) + 1
  for missing = #bytes + 1, position do bytes[missing] = 0 end
  local byte = bytes[position]
  bytes[position] = index % 2 == 0 and state * 16 + byte % 16 or byte - byte % 16 + state
end

local function is_fresh(bytes, index)
  local byte = bytes[math.floor(index / 2) + 1] or 0
  return index % 2 == 0 and byte < 16 or index % 2 == 1 and byte % 16 == 0
end

local function chunk_field(step, row)
  return step .. ':' .. math.floor(row / CHUNK_ROWS)
end

local function set_state(outcomes, step, row, name)
  local field = chunk_field(step, row)
  local chunk = redis.call('HGET', outcomes, field) or ''
  redis.call('HSET', outcomes, field, with_state(chunk, row % CHUNK_ROWS, STATES[name]))
end
