-- When a ramp began: declared, else with the first reservation; and its day, counted from 0.
local function ramp_day(state, day_ms, warmup)
  local start = warmup.start_ms or (state.f > 0 and state.f) or state.t
  return start, math.max(0, math.floor((state.t - start) / day_ms))
end

-- What the ramp allows today, when it grows next, and the end of the day for which it is held (nil: it is not).
local function ramp_of(state, day_ms, warmup)
  local start, days = ramp_day(state, day_ms, warmup)
  local held_until = state.wu and state.t < state.wu and state.wu or nil
  local held_before = (state.wh or 0) - (held_until and 1 or 0)
  days = math.max(0, days - held_before)
  local grows_at = start + (days + held_before + 1) * day_ms
  -- The end of a day that is held brings nothing.
  if held_until and held_until <= grows_at then grows_at = grows_at + day_ms end
  -- The slack keeps 50 × 1.14 at 57: the product in binary fractions is a little less.
  return math.floor(warmup.start * (1 + warmup.growth / 100) ^ days + 1e-6), grows_at, held_until
end

-- What a window may count now and when that grows by itself: for the Day limit the least of the declared, the learned and the warm-up's.
-- warmup: { start, growth, start_ms or nil } or nil.
local function cap_of(state, window, warmup)
  local cap, grows_at = window.recipients, nil
  if window.name ~= 'Day' then return cap, grows_at end
  if state.lr and state.lr < cap then cap, grows_at = state.lr, state.lu end
  if warmup then
    local ramp, ramp_grows_at = ramp_of(state, window.length, warmup)
    if ramp < cap then cap, grows_at = ramp, ramp_grows_at end
  end
  return cap, grows_at
end

-- Whether recipients fit into all windows; if not, the earliest time that can change it (nil: unknown).
local function room_for(state, windows, recipients, warmup)
  local fits, retry_at = true, 0
  for _, window in ipairs(windows) do
    local cap, grows_at = cap_of(state, window, warmup)
    local excess = window.used + recipients - cap
    if excess > 0 then
      fits = false
      local freed = recipients <= cap and freed_at(state, window, excess) or math.huge
      retry_at = math.max(retry_at, math.min(freed, grows_at or math.huge))
    end
  end
  if fits or retry_at == math.huge then return fits, nil end
  return fits, retry_at
end

-- Time to the next reservation with which what the Day limit still allows lasts until the sending window closes; 0: no spreading. What
-- leaves the rolling window before the close is room, too. The reservation fits and is not counted yet.
local function spread_interval(state, day, warmup, recipients, until_ms)
  if not day or not until_ms or until_ms <= state.t then return 0 end
  local leaving = 0
  if day.is_rebuilt then
    if leaves_at(day, day.current) <= until_ms then leaving = day.used end
  else
    for slot = day.oldest, day.current do
      if leaves_at(day, slot) > until_ms then break end
      leaving = leaving + counted_in(state, day, slot)
    end
  end
  local room = cap_of(state, day, warmup) - (day.used - leaving)
  return math.floor((until_ms - state.t) * recipients / room)
end

-- Reads an allowance from ARGV, from position `first`: warm-up start, growth, start time ('' = none), slots, margin, number of limits, then
-- per limit its name, window and recipients. Opens the windows. after: the position behind it.
local function read_allowance(state, first)
  local warmup = nil
  if ARGV[first] ~= '' then
    warmup = { start = tonumber(ARGV[first]), growth = tonumber(ARGV[first + 1]), start_ms = tonumber(ARGV[first + 2]) }
  end
  local slots, margin = tonumber(ARGV[first + 3]), tonumber(ARGV[first + 4])
  local after = first + 6 + 3 * tonumber(ARGV[first + 5])
  local windows, day, has_hour = {}, nil, false
  for position = first + 6, after - 3, 3 do
    local window = open_window(state, ARGV[position], tonumber(ARGV[position + 1]), slots, margin)
    window.recipients = tonumber(ARGV[position + 2])
    windows[#windows + 1] = window
    if window.name == 'Day' then day = window else has_hour = true end
  end
  return {
    windows = windows, day = day, has_hour = has_hour, warmup = warmup, slots = slots, margin = margin, after = after,
  }
end
