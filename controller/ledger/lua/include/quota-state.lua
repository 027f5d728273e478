-- The quota state of one subject: a hash, and per limit a ring of 24-bit counters, one per slot of time.
-- Fields: t latest time seen, n earliest next reservation, s serial of the last one, f time of the first one,
-- lr/lu learned limit and its end, sk/su/sx stop: kind, end (absent: not by time), text, tf/tu throttle factor and its end,
-- and per limit NAME: NAME.w shape of the ring ("windowMs:slots:marginMs"), NAME.h oldest slot of the last writing, NAME.u recipients.
-- Flags are fields F:NAME = "dayMs raised time,time,…". See domain/quota, the model that this must agree with.
local DAY_MS = 86400000
-- A ramp's first day is kept this long after the last reservation: a mailbox that rested longer is cold again.
local RAMP_MEMORY_MS = 30 * DAY_MS
local FIELDS = { 't', 'n', 's', 'f', 'lr', 'lu', 'sk', 'su', 'sx', 'tf', 'tu',
  'Day.w', 'Day.h', 'Day.u', 'Hour.w', 'Hour.h', 'Hour.u' }
local WORDS = { sk = true, sx = true, ['Day.w'] = true, ['Hour.w'] = true }

-- Reads the state as of now: what has run out is dropped, and time never goes back.
local function load_state(key)
  local values = redis.call('HMGET', key, unpack(FIELDS))
  local state = { key = key, is_known = false }
  for index, field in ipairs(FIELDS) do
    local value = values[index]
    if value then
      state.is_known = true
      state[field] = WORDS[field] and value or tonumber(value)
    end
  end
  state.t = math.max(state.t or 0, now_ms())
  if state.lu and state.lu <= state.t then state.lr, state.lu = nil, nil end
  if state.su and state.su <= state.t then state.sk, state.su, state.sx = nil, nil, nil end
  if state.tu and state.tu <= state.t then state.tf, state.tu = nil, nil end
  return state
end

-- Writes fields; false deletes one.
local function save(state, changes)
  local set, gone = {}, {}
  for field, value in pairs(changes) do
    if value == false then
      gone[#gone + 1] = field
    else
      set[#set + 1] = field
      set[#set + 1] = value
    end
  end
  if #gone > 0 then redis.call('HDEL', state.key, unpack(gone)) end
  if #set > 0 then redis.call('HSET', state.key, unpack(set)) end
end

-- Keeps the state at least so long from now; for ever while a stop waits for a person or a new Secret.
local function keep(state, ms)
  if state.sk and not state.su then
    redis.call('PERSIST', state.key)
  elseif redis.call('PTTL', state.key) < ms then
    redis.call('PEXPIRE', state.key, math.ceil(ms))
  end
end

local function counter(bytes, position)
  local high, middle, low = string.byte(bytes, position * 3 + 1, position * 3 + 3)
  return ((high or 0) * 256 + (middle or 0)) * 256 + (low or 0)
end

-- A window of a length as of now, with nothing counted in it.
local function empty_window(state, ring, name, length, slots, margin)
  local width = math.ceil(length / slots)
  return {
    name = name, ring = ring, length = length, width = width, margin = margin, used = 0, expired = {},
    shape = length .. ':' .. slots .. ':' .. margin,
    size = math.ceil((length + margin) / width) + 2,
    current = math.floor(state.t / width),
    oldest = math.floor((state.t - length - margin) / width),
  }
end

-- Puts into an empty window of the stored shape what is still counted, and notes the slots that have left.
local function fill_window(state, window)
  window.used = state[window.name .. '.u'] or 0
  local head = state[window.name .. '.h'] or window.oldest
  if head >= window.oldest or window.used == 0 then return end
  local bytes = redis.call('GET', window.ring) or ''
  for slot = head, math.min(window.oldest, head + window.size) - 1 do
    local count = counter(bytes, slot % window.size)
    if count > 0 then
      window.used = window.used - count
      window.expired[slot % window.size] = true
    end
  end
end

-- Opens the window of a limit as of now, without writing.
local function open_window(state, ring, name, length, slots, margin)
  local window = empty_window(state, ring, name, length, slots, margin)
  local shape = state[name .. '.w']
  if not shape then return window end
  if shape == window.shape then
    fill_window(state, window)
    return window
  end
  -- The window has another length now: all that is still counted counts as of now, too long rather than not at all.
  local old_length, old_slots, old_margin = shape:match('^(%d+):(%d+):(%d+)$')
  local before = empty_window(state, ring, name, tonumber(old_length), tonumber(old_slots), tonumber(old_margin))
  fill_window(state, before)
  window.used, window.is_rebuilt = before.used, true
  return window
end

-- Recipients counted in a slot that is still within the window.
local function counted_in(window, bytes, slot)
  local position = slot % window.size
  return window.expired[position] and 0 or counter(bytes, position)
end

-- When the slot no longer counts: once its end is as old as the window, and the margin has passed.
local function leaves_at(window, slot)
  return (slot + 1) * window.width + window.length + window.margin
end

-- When `recipients` of those counted have left; nil when fewer are counted.
local function freed_at(window, recipients)
  if window.is_rebuilt then return window.used >= recipients and leaves_at(window, window.current) or nil end
  local bytes = redis.call('GET', window.ring) or ''
  local freed = 0
  for slot = window.oldest, window.current do
    freed = freed + counted_in(window, bytes, slot)
    if freed >= recipients then return leaves_at(window, slot) end
  end
  return nil
end

-- Writes what the opening found and adds recipients (may be negative, or 0) to a slot.
local function write_window(state, window, slot, recipients)
  local commands = { 'OVERFLOW', 'SAT' }
  local function add(...)
    for _, word in ipairs({ ... }) do commands[#commands + 1] = word end
  end
  if window.is_rebuilt then
    redis.call('DEL', window.ring)
    if window.used > 0 then add('INCRBY', 'u24', '#' .. window.current % window.size, window.used) end
  end
  for position in pairs(window.expired) do add('SET', 'u24', '#' .. position, 0) end
  if recipients ~= 0 then add('INCRBY', 'u24', '#' .. slot % window.size, recipients) end
  window.used = window.used + recipients
  save(state, {
    [window.name .. '.w'] = window.shape,
    [window.name .. '.h'] = window.oldest,
    [window.name .. '.u'] = window.used,
  })
  if #commands > 2 then
    redis.call('BITFIELD', window.ring, unpack(commands))
    redis.call('PEXPIRE', window.ring, window.length + window.margin + window.width)
  end
end
