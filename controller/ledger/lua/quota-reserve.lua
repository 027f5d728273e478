-- Counts recipients in all limits of a subject, or denies and counts nothing. A denial names the gravest reason: a stop, then
-- the quota, then pacing. Repeated after a lost answer it counts again: the lost reservation stays counted, which is the safe side.
-- KEYS  1 state  2 ring of the Hour limit  3 marks
-- ARGV  1 correction of the clock  2 expected time  3 '1' when the caller knows that the state must exist  4 recipients
--       5 least interval ms  6 jitter ms  7 close of the sending window to spread over ('' = none)
--       8… warm-up start, growth %, start time ('' = none), slots per window, margin ms, then per limit name, window ms, recipients
-- Reply {'granted', used, next at, token, ms that the state is kept at least, most connections or ''} or {'denied', reason, retry at or '', used};
--       errors LEDGERLOST, CLOCKMOVED
-- @include clock
-- @include steady-clock
-- @include quota-state
-- @include quota-room
local recipients = tonumber(ARGV[4])
local state, moved = load_state(KEYS[1], KEYS[3], ARGV[1], ARGV[2])
if moved then return moved end
if ARGV[3] == '1' and not state.bytes then
  return redis.error_reply('LEDGERLOST the usage of ' .. KEYS[1] .. ' is gone')
end
local windows, day, warmup, slots, margin, has_hour = read_allowance(state, { Day = KEYS[1], Hour = KEYS[2] }, 8)

local function denied(reason, retry_at)
  return { 'denied', reason, retry_at or '', day and day.used or 0 }
end
if state.sk then
  return denied(state.sk == 'WindowReset' and 'QuotaExceededAtProvider' or 'Stopped', state.su)
end
local fits, retry_at = room_for(state, windows, recipients, warmup)
if not fits then return denied('QuotaExhausted', retry_at and math.max(retry_at, state.n)) end
if state.n > state.t then return denied('Pacing', state.n) end

local least = math.max(tonumber(ARGV[5]), spread_interval(state, day, warmup, recipients, tonumber(ARGV[7])))
state.s = state.s + 1
state.n = state.t + math.ceil(least / (state.tf or 1)) + tonumber(ARGV[6])
if state.f == 0 then state.f = state.t end
local token, lifetime = tostring(state.s), math.max(1000, state.n - state.t)
for _, window in ipairs(windows) do
  write_window(state, window, window.current, recipients)
  token = token .. '|' .. window.name .. ':' .. window.length .. ':' .. window.current
  lifetime = math.max(lifetime, window.length + window.margin + window.width)
end
-- The day's window knows what the hour's would: kept on without being counted in, it would know too little.
if day and not has_hour then state.Hour = { length = 0, head = 0, used = 0, last = 0, count = 0 } end
state.slots, state.margin = slots, margin
if warmup then
  lifetime = math.max(lifetime, RAMP_MEMORY_MS)
  if state.wh then keep(KEYS[3], RAMP_MEMORY_MS) end
end
save_state(state, lifetime)
return { 'granted', day and day.used or 0, state.n, token, lifetime, state.cm or '' }
