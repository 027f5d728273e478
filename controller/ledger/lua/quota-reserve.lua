-- Counts recipients in all limits of a subject, or denies and counts nothing. A denial names the gravest reason: a stop, then
-- the quota, then pacing. Repeated after a lost answer it counts again: the lost reservation stays counted, which is the safe side.
-- KEYS  1 state  2 ring of the Day limit  3 ring of the Hour limit
-- ARGV  1 '1' when the caller knows that the state must exist  2 recipients  3 least interval ms  4 jitter ms
--       5… warm-up start, growth %, start time ('' = none), slots per window, margin ms, then per limit name, window ms, recipients
-- Reply {'granted', used, next at, token, ms that the state is kept at least} or {'denied', reason, retry at or '', used}; error LEDGERLOST
-- @include clock
-- @include quota-state
-- @include quota-room
local recipients = tonumber(ARGV[2])
local min_interval, jitter = tonumber(ARGV[3]), tonumber(ARGV[4])
local state = load_state(KEYS[1])
if ARGV[1] == '1' and not state.is_known then
  return redis.error_reply('LEDGERLOST the usage of ' .. KEYS[1] .. ' is gone')
end
local windows, day, warmup = read_allowance(state, { Day = KEYS[2], Hour = KEYS[3] }, 5)

local function denied(reason, retry_at)
  return { 'denied', reason, retry_at or '', day and day.used or 0 }
end
if state.sk then
  return denied(state.sk == 'WindowReset' and 'QuotaExceededAtProvider' or 'Stopped', state.su)
end
local next_at = state.n or 0
local fits, retry_at = room_for(state, windows, recipients, warmup)
if not fits then
  return denied('QuotaExhausted', retry_at and math.max(retry_at, next_at))
end
if next_at > state.t then return denied('Pacing', next_at) end

local serial = (state.s or 0) + 1
local token, lifetime = { tostring(serial) }, 1000
for _, window in ipairs(windows) do
  write_window(state, window, window.current, recipients)
  token[#token + 1] = window.name .. ':' .. window.length .. ':' .. window.current
  lifetime = math.max(lifetime, window.length + window.margin + window.width)
end
next_at = state.t + math.ceil(min_interval / (state.tf or 1)) + jitter
save(state, { t = state.t, n = next_at, s = serial, f = state.f or state.t })
if warmup then lifetime = math.max(lifetime, RAMP_MEMORY_MS) end
keep(state, math.max(lifetime, next_at - state.t))
return { 'granted', day and day.used or 0, next_at, table.concat(token, '|'), lifetime }
