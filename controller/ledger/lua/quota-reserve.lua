-- Counts recipients in all limits of a subject, or denies and counts nothing; for each of many subjects by itself. A denial names the
-- gravest reason: a stop, then the quota, then pacing. What pacing still asks for is never more than the interval as it is declared now.
-- Repeated after a lost answer it counts again: the lost reservation stays counted, which is the safe side; so do those before a subject
-- that is gone.
-- KEYS  1 state  2 ring of the Hour limit  3 marks, and so on for each further subject
-- ARGV  1 correction of the clock  2 expected time, then per subject '1' when the caller knows that the state must exist, recipients,
--       least interval ms, jitter ms, close of the sending window to spread over ('' = none), and its allowance: warm-up start, growth %,
--       start time ('' = none), slots per window, margin ms, number of limits, then per limit name, window ms, recipients
-- Reply per subject {'granted', used, next at, token, ms that the state is kept at least, most connections or ''} or {'denied', reason,
--       retry at or '', used}; errors LEDGERLOST, CLOCKMOVED
-- @include clock
-- @include steady-clock
-- @include quota-state
-- @include quota-room
local now, moved = steady_ms(ARGV[1], ARGV[2])
if moved then return moved end

local function denied(day, reason, retry_at)
  return { 'denied', reason, retry_at or '', day and day.used or 0 }
end

-- Ms from a reservation that fits to the next one.
local function interval_of(state, allowance, recipients, first)
  local spread = spread_interval(state, allowance.day, allowance.warmup, recipients, tonumber(ARGV[first + 4]))
  local least = math.max(tonumber(ARGV[first + 2]), spread)
  return math.ceil(least / (state.tf or 1)) + tonumber(ARGV[first + 3])
end

-- Counts what fits. interval: least ms until the next one.
local function grant(state, allowance, recipients, interval, marks_key)
  local day, warmup = allowance.day, allowance.warmup
  state.s, state.n = state.s + 1, state.t + interval
  if state.f == 0 then state.f = state.t end
  local token, span = string.format('%d', state.s), 0
  for _, window in ipairs(allowance.windows) do
    write_window(state, window, window.current, recipients)
    token = string.format('%s|%s:%d:%d', token, window.name, window.length, window.current)
    span = math.max(span, window.length + window.margin + window.width)
  end
  -- The day's window knows what the hour's would: kept on without being counted in, it would know too little.
  if day and not allowance.has_hour and state.Hour.length > 0 then state.Hour = { length = 0, head = 0, used = 0, last = 0, count = 0 } end
  state.slots, state.margin = allowance.slots, allowance.margin
  local lifetime = math.max(1000, interval, span)
  if warmup then
    lifetime = math.max(lifetime, RAMP_MEMORY_MS)
    if state.wh then keep(marks_key, RAMP_MEMORY_MS) end
  end
  -- Within a slot what the windows need was seen to when it began, and there are days to spare.
  save_state(state, (state.is_new_slot or lifetime > span) and lifetime or nil)
  return { 'granted', day and day.used or 0, state.n, token, lifetime, state.cm or '' }
end

-- Answers one subject. key: position of its keys; first: position of its arguments.
local function reserve(state, allowance, key, first)
  local recipients, day = tonumber(ARGV[first + 1]), allowance.day
  if state.sk then
    return denied(day, state.sk == 'WindowReset' and 'QuotaExceededAtProvider' or 'Stopped', state.su)
  end
  local fits, retry_at = room_for(state, allowance.windows, recipients, allowance.warmup)
  if not fits then return denied(day, 'QuotaExhausted', retry_at and math.max(retry_at, state.n)) end
  local interval = interval_of(state, allowance, recipients, first)
  if state.n > state.t + interval then
    -- It was worked out under another declaration: the present one asks for less.
    state.n = state.t + interval
    if interval > 0 then save_state(state, nil) end
  end
  if state.n > state.t then return denied(day, 'Pacing', state.n) end
  return grant(state, allowance, recipients, interval, KEYS[key + 2])
end

local replies, first = {}, 3
for key = 1, #KEYS, 3 do
  local state = load_state(KEYS[key], KEYS[key + 1], KEYS[key + 2], now)
  if ARGV[first] == '1' and not state.is_kept then
    return redis.error_reply('LEDGERLOST the usage of ' .. KEYS[key] .. ' is gone')
  end
  local allowance = read_allowance(state, first + 5)
  replies[#replies + 1] = reserve(state, allowance, key, first)
  first = allowance.after
end
return replies
