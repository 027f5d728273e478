-- Messages and their counters. A message's id is CAMPAIGN/STEP/ROW; lists of values are joined by tabs.
-- keys.campaigns: hash CAMPAIGN/NAME → number. keys.waiting: hash id → attempts, first attempt, class, overflow.
-- keys.schedule: sorted set of all that wait, by due time. Besides, each waits in the sorted set of its class (any, esp, or
-- "route ROUTE"); an id there that does not agree with the hash is stale and dropped when met, so that a message can be withdrawn
-- without knowing its set.
local CHUNK_ROWS = 250
-- Fresh: never claimed, comes from the cursor. Claimed: held or waiting, not tried. All others say how the last attempt ended.
local STATES = { Fresh = 0, Deferred = 1, Delivered = 2, Failed = 3, Suppressed = 4, Cancelled = 5, Uncertain = 6, Claimed = 7 }
local COUNTERS = { Delivered = 'delivered', Failed = 'failed', Suppressed = 'suppressed', Cancelled = 'cancelled',
  Uncertain = 'uncertain' }

local function join(...)
  return table.concat({ ... }, '\t')
end

local function split(text)
  local parts = {}
  for part in (text .. '\t'):gmatch('([^\t]*)\t') do parts[#parts + 1] = part end
  return parts
end

local LEFT = { 'pending', 'inFlight', 'deferred' }

-- Adds to counters of a campaign and notes the time since when nothing of it is left to do, or forgets that when there is something
-- again. One read and one write, as every write is written to the append-only file, too. changes: name → how many more.
local function count(keys, campaign, changes, now)
  local names, fields = { 'completedMs' }, { campaign .. '/completedMs' }
  for _, name in ipairs(LEFT) do changes[name] = changes[name] or 0 end
  for name in pairs(changes) do
    names[#names + 1] = name
    fields[#fields + 1] = campaign .. '/' .. name
  end
  local values, writes, left = redis.call('HMGET', keys.campaigns, unpack(fields)), {}, 0
  for index = 2, #names do
    local name, value = names[index], tonumber(values[index] or 0)
    local after = value + changes[name]
    if name == 'pending' or name == 'inFlight' or name == 'deferred' then left = left + after end
    if after ~= value then
      writes[#writes + 1] = fields[index]
      writes[#writes + 1] = after
    end
  end
  if left == 0 and not values[1] then
    writes[#writes + 1] = fields[1]
    writes[#writes + 1] = now
  end
  if #writes > 0 then redis.call('HSET', keys.campaigns, unpack(writes)) end
  if left > 0 and values[1] then redis.call('HDEL', keys.campaigns, fields[1]) end
end

local function add(changes, name, by)
  changes[name] = (changes[name] or 0) + by
end

-- Outcomes by row, four bits each, in chunks: hash STEP:CHUNK → string.
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

local function chunk_field(step, row)
  return step .. ':' .. math.floor(row / CHUNK_ROWS)
end

local function set_state(outcomes, step, row, name)
  local field = chunk_field(step, row)
  local chunk = redis.call('HGET', outcomes, field) or ''
  redis.call('HSET', outcomes, field, with_state(chunk, row % CHUNK_ROWS, STATES[name]))
end

-- Lets a message wait. message: id, attempts, first, class, overflow. The counter goes into `changes`.
local function wait(keys, due_key, message, due, changes)
  redis.call('HSET', keys.waiting, message.id,
    join(message.attempts, message.first, message.class, message.overflow))
  redis.call('ZADD', due_key, due, message.id)
  redis.call('ZADD', keys.schedule, due, message.id)
  add(changes, tonumber(message.attempts) > 0 and 'deferred' or 'pending', 1)
end

-- Takes a message out of those that wait; its id in the set of its class is stale from now on, unless the caller removes it.
local function stop_waiting(keys, id)
  redis.call('HDEL', keys.waiting, id)
  redis.call('ZREM', keys.schedule, id)
end
