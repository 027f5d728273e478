-- The quota state of one subject, which must agree with the model in domain/quota. Every send reads and writes it, so it is packed:
-- `state`: string of 13 doubles, then the ring of the Day limit; `hour`: string, the ring of the Hour limit. A ring has a counter
-- of three bytes per slot of time. `marks`: hash of what replies led to: lr/lu learned limit and its end, sk/su/sx kind, end (absent:
-- not by time) and text of the stop, tf/tu throttle factor and its end, F:FLAG = "dayMs raised time,time,…".
local DAY_MS = 86400000
-- A ramp's first day is kept this long after the last reservation: a mailbox that rested longer is cold again.
local RAMP_MEMORY_MS = 30 * DAY_MS
-- t latest time seen, n earliest next reservation by pacing, s serial and f time of the first reservation (0: none), m 1 when there may
-- be marks, slots and margin of the rings; per limit the window's length (0: none), its oldest slot when last written, recipients.
local FORMAT, HEADER_BYTES = '>ddddddddddddd', 13 * 8
local MARKS = { 'lr', 'lu', 'sk', 'su', 'sx', 'tf', 'tu' }

local function load_marks(state, key)
  local values = redis.call('HMGET', key, unpack(MARKS))
  state.m = redis.call('EXISTS', key)
  for index, name in ipairs(MARKS) do
    local value = values[index]
    if value then state[name] = (name == 'sk' or name == 'sx') and value or tonumber(value) end
  end
  if state.lu and state.lu <= state.t then state.lr, state.lu = nil, nil end
  if state.su and state.su <= state.t then state.sk, state.su, state.sx = nil, nil, nil end
  if state.tu and state.tu <= state.t then state.tf, state.tu = nil, nil end
end

-- Reads the state as of now: what has run out is dropped, and time never goes back. Nil and an error when the clock moved.
local function load_state(key, marks_key, correction, expected)
  local now, moved = steady_ms(correction, expected)
  if moved then return nil, moved end
  local bytes, state = redis.call('GET', key), { key = key }
  if bytes then
    state.bytes = bytes
    state.t, state.n, state.s, state.f, state.m, state.slots, state.margin, state.DayLength, state.DayHead, state.DayUsed,
      state.HourLength, state.HourHead, state.HourUsed = struct.unpack(FORMAT, bytes)
  else
    state.t, state.n, state.s, state.f, state.m, state.slots, state.margin = 0, 0, 0, 0, 0, 0, 0
    state.DayLength, state.DayHead, state.DayUsed, state.HourLength, state.HourHead, state.HourUsed = 0, 0, 0, 0, 0, 0
  end
  state.t = math.max(state.t, now)
  if not bytes or state.m == 1 then load_marks(state, marks_key) end
  return state
end

-- Keeps a key at least so long from now. A week more: Redis expires by its own clock, which may jump; and renewed by the day, not at
-- every call.
local function keep(key, ms)
  if redis.call('PTTL', key) < ms + 6 * DAY_MS then redis.call('PEXPIRE', key, math.ceil(ms) + 7 * DAY_MS) end
end

-- Writes the header. A new state is written whole, in its final size: a string that grows takes up to twice the memory.
local function save_state(state, lifetime)
  local header = struct.pack(FORMAT, state.t, state.n, state.s, state.f, state.m, state.slots, state.margin, state.DayLength,
    state.DayHead, state.DayUsed, state.HourLength, state.HourHead, state.HourUsed)
  if state.bytes then
    redis.call('SETRANGE', state.key, 0, header)
  else
    redis.call('SET', state.key, header)
  end
  keep(state.key, lifetime)
end

local function counter(bytes, first, position)
  local high, middle, low = string.byte(bytes, first + position * 3 + 1, first + position * 3 + 3)
  return ((high or 0) * 256 + (middle or 0)) * 256 + (low or 0)
end

-- The window of a limit as of now, with nothing counted in it. rings: limit → key.
local function empty_window(state, rings, name, length, slots, margin)
  local width = math.ceil(length / slots)
  return {
    name = name, key = rings[name], first = name == 'Day' and HEADER_BYTES or 0, length = length, width = width, margin = margin,
    size = math.ceil((length + margin) / width) + 2,
    current = math.floor(state.t / width),
    oldest = math.floor((state.t - length - margin) / width),
    used = 0,
  }
end

local function ring_bytes(state, window)
  if not window.bytes then
    window.bytes = window.key == state.key and (state.bytes or '') or redis.call('GET', window.key) or ''
  end
  return window.bytes
end

-- Puts into an empty window of the stored shape what is still counted, and notes the slots that have left: from `head`.
local function fill_window(state, window)
  window.used, window.head = state[window.name .. 'Used'], state[window.name .. 'Head']
  if window.head >= window.oldest or window.used == 0 then return end
  local bytes = ring_bytes(state, window)
  if bytes == '' then
    -- The ring lives as long as anything in it counts.
    window.used, window.head = 0, nil
    return
  end
  for slot = window.head, math.min(window.oldest, window.head + window.size) - 1 do
    window.used = window.used - counter(bytes, window.first, slot % window.size)
  end
end

-- Opens the window of a limit as of now, without writing.
local function open_window(state, rings, name, length, slots, margin)
  local window = empty_window(state, rings, name, length, slots, margin)
  local before = state[name .. 'Length']
  if before == 0 then return window end
  if before == length and state.slots == slots and state.margin == margin then
    fill_window(state, window)
    return window
  end
  -- The window has another shape now: all that is still counted counts as of now, too long rather than not at all.
  local old = empty_window(state, rings, name, before, state.slots, state.margin)
  fill_window(state, old)
  window.used, window.is_rebuilt = old.used, true
  return window
end

-- When the slot no longer counts: once its end is as old as the window, and the margin has passed.
local function leaves_at(window, slot)
  return (slot + 1) * window.width + window.length + window.margin
end

-- Recipients counted in a slot that has not left.
local function counted_in(state, window, slot)
  if not window.head then return 0 end
  -- Its place may still hold what an older slot left there: only places of slots after the last writing do.
  if slot - window.size >= window.head then return 0 end
  return counter(ring_bytes(state, window), window.first, slot % window.size)
end

-- When `recipients` of those counted have left; nil when fewer are counted.
local function freed_at(state, window, recipients)
  if window.is_rebuilt then return window.used >= recipients and leaves_at(window, window.current) or nil end
  local freed = 0
  for slot = window.oldest, window.current do
    freed = freed + counted_in(state, window, slot)
    if freed >= recipients then return leaves_at(window, slot) end
  end
  return nil
end

local function write_counter(window, position, value)
  redis.call('SETRANGE', window.key, window.first + position * 3, struct.pack('>BBB',
    math.floor(value / 65536) % 256, math.floor(value / 256) % 256, value % 256))
end

-- Empties the places of the slots that have left, at most two spans of the ring.
local function clear_left(window)
  local last = math.min(window.oldest, window.head + window.size) - 1
  local from = window.head % window.size
  local count = last - window.head + 1
  local tail = math.min(count, window.size - from)
  if tail > 0 then redis.call('SETRANGE', window.key, window.first + from * 3, string.rep('\0', tail * 3)) end
  if count > tail then redis.call('SETRANGE', window.key, window.first, string.rep('\0', (count - tail) * 3)) end
end

-- Adds recipients (may be negative) to a slot of the ring, and to the state that the caller saves after it.
local function write_window(state, window, slot, recipients)
  local value = recipients
  if window.is_rebuilt or not window.head then
    local ring = string.rep('\0', window.size * 3)
    if window.name == 'Day' then ring = (state.bytes or string.rep('\0', HEADER_BYTES)):sub(1, HEADER_BYTES) .. ring end
    redis.call('SET', window.key, ring, 'KEEPTTL')
    if window.name == 'Day' then state.bytes = ring end
    value = window.used + recipients
  else
    if window.head < window.oldest then clear_left(window) end
    value = counted_in(state, window, slot) + recipients
  end
  write_counter(window, slot % window.size, math.min(value, 16777215))
  if window.key ~= state.key then keep(window.key, window.length + window.margin + window.width) end
  state[window.name .. 'Length'], state[window.name .. 'Head'] = window.length, window.oldest
  state[window.name .. 'Used'] = window.used + recipients
  window.used = window.used + recipients
end
