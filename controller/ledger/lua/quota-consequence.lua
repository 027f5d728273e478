-- Applies what a reply means for the account: hold of the warm-up, throttle, flag, stop, in this order. Repeated after a lost answer it counts a second
-- reply of the same kind, which is the careful side: a flag or a stop comes sooner.
-- KEYS  1 state  2 ring of the Hour limit  3 marks
-- ARGV  1 correction of the clock  2 expected time  3 '1' when the warm-up's ramp is held  4 throttle factor ('' = none)
--       5 most connections ('' = none)  6 flag ('' = none)  7 flag after  8 stop after ('' = never)  9 kind of stop ('' = none)
--       10 least stop ms  11 text  12… the allowance, as for quota-reserve
-- Reply {kind, until or '', text} of the stop in force, or {}; error CLOCKMOVED
-- @include clock
-- @include steady-clock
-- @include quota-state
-- @include quota-room
local GRAVITY = { WindowReset = 1, CredentialChanges = 2, DnsVerified = 3, Human = 4 }
local is_held, factor, connections = ARGV[3] == '1', tonumber(ARGV[4]), tonumber(ARGV[5])
local flag, flag_after, stop_after = ARGV[6], tonumber(ARGV[7]), tonumber(ARGV[8])
local stop, min_stop, text = ARGV[9], tonumber(ARGV[10]), ARGV[11]
local now, moved = steady_ms(ARGV[1], ARGV[2])
if moved then return moved end
local state = load_state(KEYS[1], KEYS[2], KEYS[3], now)
local allowance = read_allowance(state, 12)
local day, warmup = allowance.day, allowance.warmup
local day_ms = day and day.length or DAY_MS
local lifetime = day_ms

local function mark(...)
  redis.call('HSET', KEYS[3], ...)
end

-- A graver stop stays; of two that end by time the longer one does.
local function halt(kind, until_ms)
  local graver = GRAVITY[kind] - (GRAVITY[state.sk] or 0)
  if graver < 0 or (graver == 0 and (state.su or 0) > (until_ms or 0)) then return end
  state.sk, state.su, state.sx = kind, until_ms, text
  mark('sk', kind, 'sx', text)
  if until_ms then
    mark('su', until_ms)
    lifetime = math.max(lifetime, until_ms - state.t)
  else
    redis.call('HDEL', KEYS[3], 'su')
  end
end

-- A day of the ramp counts once, however many replies hold it.
if is_held and warmup and state.t >= (state.wu or 0) then
  local start, days = ramp_day(state, day_ms, warmup)
  state.wh, state.wu = (state.wh or 0) + 1, start + (days + 1) * day_ms
  mark('wh', state.wh, 'wu', state.wu)
end
if state.wh then lifetime = math.max(lifetime, RAMP_MEMORY_MS) end
if factor then
  state.tf, state.tu = math.min(factor, state.tf or 1), state.t + day_ms
  mark('tf', state.tf, 'tu', state.tu)
end
if connections then
  state.cm, state.cu = math.min(connections, state.cm or math.huge), state.t + day_ms
  mark('cm', state.cm, 'cu', state.cu)
end
if flag ~= '' then
  local raised, times = false, {}
  local before = redis.call('HGET', KEYS[3], 'F:' .. flag)
  if before then
    local counted_ms, was_raised, list = before:match('^(%d+) (%d) (.*)$')
    for time in list:gmatch('%d+') do
      if tonumber(time) + tonumber(counted_ms) > state.t then times[#times + 1] = time end
    end
    raised = was_raised == '1' and #times > 0
  end
  times[#times + 1] = string.format('%d', state.t)
  raised = raised or #times >= flag_after
  mark('F:' .. flag, day_ms .. ' ' .. (raised and 1 or 0) .. ' ' .. table.concat(times, ','))
  if stop_after and #times >= stop_after then halt('Human', nil) end
end
if stop == 'WindowReset' then
  local until_ms = state.t + min_stop
  if day then
    mark('lr', day.used, 'lu', state.t + day.length)
    until_ms = math.max(until_ms, freed_at(state, day, 1) or 0)
  end
  halt(stop, until_ms)
elseif stop ~= '' then
  halt(stop, nil)
end

if redis.call('EXISTS', KEYS[3]) == 1 then
  -- A stop that waits for a person or a new Secret must not end by itself.
  if state.sk and not state.su then redis.call('PERSIST', KEYS[3]) else keep(KEYS[3], lifetime) end
  state.m = 1
  if state.is_kept then save_state(state, lifetime) end
end
if not state.sk then return {} end
return { state.sk, state.su or '', state.sx }
