-- The quota state of one subject, which must agree with the model in domain/quota. Every send reads and writes it, so it is packed:
-- `state`: string of 17 doubles, then the ring of the Day limit; `hour`: string, the ring of the Hour limit. A ring has a counter of three
-- bytes per slot of time; the latest slot is counted in the header and goes into the ring when a later one begins, so that a send
-- is one write. `marks`: hash of what replies led to: lr/lu learned limit and its end, sk/su/sx kind, end (absent: not by time) and
-- text of the stop, tf/tu throttle factor and its end, cm/cu most connections and their end, wh/wu held days of the warm-up's ramp and the end of the last of them,
-- F:FLAG = "dayMs raised time,time,…".
local DAY_MS = 86400000
-- A ramp's first day and held days are kept this long after the last reservation: a mailbox that rested longer is cold again.
local RAMP_MEMORY_MS = 30 * DAY_MS
-- t latest time seen, n earliest next reservation by pacing, s serial and f time of the first reservation (0: none), m 1 when there may
-- be marks, slots and margin of the rings; per limit the window's length (0: none), its oldest slot when last written, recipients
-- counted, the latest slot and the recipients in it.
local FORMAT, HEADER_BYTES = '>ddddddddddddddddd', 17 * 8
local TEXT_MARKS = { sk = true, sx = true }

local function load_marks(state, key)
  local fields = redis.call('HGETALL', key)
  state.m = #fields > 0 and 1 or 0
  for index = 1, #fields, 2 do
    local name, value = fields[index], fields[index + 1]
    if not name:find('^F:') then state[name] = TEXT_MARKS[name] and value or tonumber(value) end
  end
  if state.lu and state.lu <= state.t then state.lr, state.lu = nil, nil end
  if state.su and state.su <= state.t then state.sk, state.su, state.sx = nil, nil, nil end
  if state.tu and state.tu <= state.t then state.tf, state.tu = nil, nil end
  if state.cu and state.cu <= state.t then state.cm, state.cu = nil, nil end
end

-- Reads the state as of now, by the steady clock: what has run out is dropped, and time never goes back. hour_key: of the ring, nil = no
-- window is opened.
local function load_state(key, hour_key, marks_key, now)
  local header = redis.call('GETRANGE', key, 0, HEADER_BYTES - 1)
  local is_kept = header ~= ''
  local t, n, s, f, m, slots, margin = 0, 0, 0, 0, 0, 0, 0
  local day_length, day_head, day_used, day_last, day_count = 0, 0, 0, 0, 0
  local hour_length, hour_head, hour_used, hour_last, hour_count = 0, 0, 0, 0, 0
  if is_kept then
    t, n, s, f, m, slots, margin, day_length, day_head, day_used, day_last, day_count, hour_length, hour_head, hour_used,
      hour_last, hour_count = struct.unpack(FORMAT, header)
  end
  local state = {
    key = key, hour_key = hour_key, is_kept = is_kept, t = math.max(t, now), n = n, s = s, f = f, m = m, slots = slots, margin = margin,
    Day = { length = day_length, head = day_head, used = day_used, last = day_last, count = day_count },
    Hour = { length = hour_length, head = hour_head, used = hour_used, last = hour_last, count = hour_count },
  }
  if not is_kept or state.m == 1 then load_marks(state, marks_key) end
  return state
end

-- Keeps a key at least so long from now. A week more: Redis expires by its own clock, which may jump; and renewed by the day, not at
-- every call.
local function keep(key, ms)
  if redis.call('PTTL', key) < ms + 6 * DAY_MS then redis.call('PEXPIRE', key, math.ceil(ms) + 7 * DAY_MS) end
end

-- Writes the header, one write; of a state that was not kept with its ring. lifetime: nil when the key is kept long enough.
local function save_state(state, lifetime)
  local day, hour = state.Day, state.Hour
  local header = struct.pack(FORMAT, state.t, state.n, state.s, state.f, state.m, state.slots, state.margin, day.length, day.head,
    day.used, day.last, day.count, hour.length, hour.head, hour.used, hour.last, hour.count)
  if state.ring then
    redis.call('SET', state.key, header .. state.ring, 'PX', math.ceil(lifetime) + 7 * DAY_MS)
    return
  end
  redis.call('SETRANGE', state.key, 0, header)
  if lifetime then keep(state.key, lifetime) end
end

local function counter(bytes, first, position)
  local high, middle, low = string.byte(bytes, first + position * 3 + 1, first + position * 3 + 3)
  return ((high or 0) * 256 + (middle or 0)) * 256 + (low or 0)
end

-- The window of a limit as of now, with nothing counted in it.
local function empty_window(state, name, length, slots, margin)
  local width = math.ceil(length / slots)
  return {
    name = name, key = name == 'Day' and state.key or state.hour_key, first = name == 'Day' and HEADER_BYTES or 0,
    length = length, width = width, margin = margin,
    size = math.ceil((length + margin) / width) + 2,
    current = math.floor(state.t / width),
    oldest = math.floor((state.t - length - margin) / width),
    used = 0,
  }
end

-- Read when it is first needed, which is seldom.
local function ring_bytes(window)
  window.bytes = window.bytes or redis.call('GET', window.key) or ''
  return window.bytes
end

-- Recipients counted in a slot that was within the window when it was last written, or came later.
local function counted_in(state, window, slot)
  local kept = state[window.name]
  if not window.head or slot > kept.last then return 0 end
  if slot == kept.last then return kept.count end
  return counter(ring_bytes(window), window.first, slot % window.size)
end

-- Puts into an empty window of the kept shape what is still counted; slots from `head` on were when it was last written.
local function fill_window(state, window)
  local kept = state[window.name]
  window.used, window.head = kept.used, kept.head
  if window.head >= window.oldest or window.used == 0 then return end
  if kept.last < window.oldest then
    window.used = 0
    return
  end
  for slot = window.head, window.oldest - 1 do
    window.used = window.used - counted_in(state, window, slot)
  end
end

-- What the other limit counted within the window of a limit that was not kept until now.
local function known_by_other(state, name, length)
  local other = name == 'Hour' and 'Day' or 'Hour'
  if state[other].length == 0 then return 0 end
  local window, known = empty_window(state, other, state[other].length, state.slots, state.margin), 0
  fill_window(state, window)
  for slot = math.max(window.oldest, math.floor((state.t - length - window.margin) / window.width)), window.current do
    if (slot + 1) * window.width > state.t - length - window.margin then known = known + counted_in(state, window, slot) end
  end
  return known
end

-- Opens the window of a limit as of now, without writing.
local function open_window(state, name, length, slots, margin)
  local window = empty_window(state, name, length, slots, margin)
  local before = state[name].length
  if before == 0 then
    window.used = known_by_other(state, name, length)
    window.is_rebuilt = window.used > 0
    return window
  end
  if before == length and state.slots == slots and state.margin == margin then
    fill_window(state, window)
    return window
  end
  -- The window has another shape now: all that is still counted counts as of now, too long rather than not at all.
  local old = empty_window(state, name, before, state.slots, state.margin)
  fill_window(state, old)
  window.used, window.is_rebuilt = old.used, true
  return window
end

-- When the slot no longer counts: once its end is as old as the window, and the margin has passed.
local function leaves_at(window, slot)
  return (slot + 1) * window.width + window.length + window.margin
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

local function write_counter(window, slot, value)
  value = math.min(value, 16777215)
  redis.call('SETRANGE', window.key, window.first + slot % window.size * 3, struct.pack('>BBB',
    math.floor(value / 65536), math.floor(value / 256) % 256, value % 256))
end

-- A ring of nothing, in its final size: a string that grows takes up to twice the memory.
local function new_ring(state, window)
  if window.key == state.key and not state.is_kept then
    state.ring = string.rep('\0', window.size * 3) -- goes with the header
  else
    redis.call('SET', window.key, string.rep('\0', window.first + window.size * 3), 'KEEPTTL')
  end
end

-- Empties the places of the slots between the two, both included: at most two spans of the ring.
local function clear(window, from, to)
  local count = math.min(to - from + 1, window.size)
  if count <= 0 then return end
  local place = from % window.size
  local tail = math.min(count, window.size - place)
  redis.call('SETRANGE', window.key, window.first + place * 3, string.rep('\0', tail * 3))
  if count > tail then redis.call('SETRANGE', window.key, window.first, string.rep('\0', (count - tail) * 3)) end
end

-- Makes `slot`, the current one, the latest: the one before goes into the ring, and places that a later slot will use become empty.
local function begin_slot(state, window, slot)
  local kept = state[window.name]
  if window.is_rebuilt or not window.head then
    new_ring(state, window)
    kept.count = window.used
  else
    clear(window, kept.last + 1, slot)
    if kept.count > 0 and kept.last >= window.oldest then write_counter(window, kept.last, kept.count) end
    kept.count = 0
  end
  kept.last, state.is_new_slot = slot, true
  if window.key ~= state.key then keep(window.key, window.length + window.margin + window.width) end
end

-- Adds recipients (may be negative) to a slot; the header is in the state, which the caller saves.
local function write_window(state, window, slot, recipients)
  local kept = state[window.name]
  if window.is_rebuilt or not window.head or slot > kept.last then begin_slot(state, window, slot) end
  if slot == kept.last then
    kept.count = kept.count + recipients
  else
    write_counter(window, slot, counted_in(state, window, slot) + recipients)
  end
  window.used = window.used + recipients
  kept.length, kept.head, kept.used = window.length, window.oldest, window.used
end
