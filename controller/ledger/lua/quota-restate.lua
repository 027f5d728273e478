-- A process tells a ledger that may have gone back in time which reservations of a subject it was granted. What the windows do not know of
-- counts again, in the slots it was counted in. Reservations are numbered: the first process that comes notes the last number that the
-- ledger still knew, and each one that is told is noted, so that it counts once, whoever tells it how often.
-- KEYS  1 state  2 ring of the Hour limit  3 marks  4 what was restated: hash history, base, top, gaps (of earlier lives: FROM-TO and a
--       space each), NUMBER → 1 counted
--       again, 0 it had been given back
-- ARGV  1 correction of the clock  2 expected time  3 slots per window  4 margin ms  5 when pacing allows the next one  6 number of lives of
--       servers in which nothing was lost that is told here, then these, then per reservation its token, recipients, 1 when it was given back;
--       of none only the last number that the ledger knows is noted
-- Reply per reservation 0 it is known, 1 it was lost, 2 it was lost and is still not counted; error CLOCKMOVED
-- @include clock
-- @include steady-clock
-- @include quota-state
-- @include history
-- Longer than anything is remembered that may be told here, after whatever outage.
local MEMORY_MS = 3600 * 1000
local life, first, reply = history(), 7 + tonumber(ARGV[6]), {}
for index = 7, first - 1 do
  if ARGV[index] ~= '' and ARGV[index] == life then
    for _ = first, #ARGV, 3 do reply[#reply + 1] = 0 end
    return reply
  end
end
local now, moved = steady_ms(ARGV[1], ARGV[2])
if moved then return moved end
local state = load_state(KEYS[1], KEYS[2], KEYS[3], now)
-- Who may not know the life takes ten seconds for one: then too much counts rather than too little.
if life == '' then life = string.format('%d', math.floor(state.t / 10000)) end
local slots, margin = tonumber(ARGV[3]), tonumber(ARGV[4])

local kept = redis.call('HMGET', KEYS[4], 'history', 'base', 'top', 'gaps')
local base, top, gaps = tonumber(kept[2] or 0), tonumber(kept[3] or 0), kept[4] or ''
if kept[1] ~= life then
  if top > base then gaps = gaps .. string.format('%d-%d ', base + 1, top) end
  base, top = state.s, state.s
end

local function is_lost(serial)
  if serial > base then return true end
  for from, to in gaps:gmatch('(%d+)-(%d+)') do
    if serial >= tonumber(from) and serial <= tonumber(to) then return true end
  end
  return false
end

local windows, places = {}, {}
local function window_of(name, length)
  if not windows[name] then
    local used = state[name].length
    windows[name] = open_window(state, name, used > 0 and used or length, slots, margin)
  end
  return windows[name]
end

-- Gathers what each slot must count more. A window of another length by now counts as of now: too long rather than not at all.
local function gather(token, recipients)
  for name, length, slot in token:gmatch('|(%a+):(%d+):(%d+)') do
    local window = window_of(name, tonumber(length))
    local is_same = window.length == tonumber(length) and not window.is_rebuilt
    local place = is_same and math.min(tonumber(slot), window.current) or window.current
    if place >= window.oldest then
      places[name] = places[name] or {}
      places[name][place] = (places[name][place] or 0) + recipients
    end
  end
end

for index = first, #ARGV, 3 do
  local serial, is_released = tonumber(ARGV[index]:match('^%d+')), ARGV[index + 2] == '1'
  local field = string.format('%d', serial)
  local noted = redis.call('HGET', KEYS[4], field)
  local lost = noted == '0' or not noted and is_lost(serial)
  if lost and not noted then
    redis.call('HSET', KEYS[4], field, is_released and 0 or 1)
    if not is_released then gather(ARGV[index], tonumber(ARGV[index + 1])) end
  end
  if serial > top then top = serial end
  reply[#reply + 1] = not lost and 0 or noted and 2 or 1
end

-- A ring is read as it was: each slot is written once, in their order.
local lifetime = 1000
for name, counted in pairs(places) do
  local window, order = windows[name], {}
  for slot in pairs(counted) do order[#order + 1] = slot end
  table.sort(order)
  for _, slot in ipairs(order) do write_window(state, window, slot, counted[slot]) end
  lifetime = math.max(lifetime, window.length + window.margin + window.width)
end
state.s, state.n = math.max(state.s, top), math.max(state.n, tonumber(ARGV[5]))
if state.f == 0 and #ARGV >= first then state.f = state.t end
if not state.is_kept or next(places) then state.slots, state.margin = slots, margin end
save_state(state, lifetime)
redis.call('HSET', KEYS[4], 'history', life, 'base', string.format('%d', base), 'top', string.format('%d', top), 'gaps', gaps)
redis.call('PEXPIRE', KEYS[4], MEMORY_MS)
return reply
