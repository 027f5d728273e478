-- What a person wants to know about quotas, for each of many subjects by itself. Changes nothing.
-- KEYS  1 state  2 ring of the Hour limit  3 marks, and so on for each further subject
-- ARGV  1 correction of the clock  2 expected time, then per subject its allowance, as for quota-reserve
-- Reply per subject {used, cap or '', learned or '', kind of stop or '', until or '', text, throttle factor, next slot or '',
--        what the warm-up's ramp allows today or '', when it grows next, end of the day for which it is held or '',
--        most connections or '', flag…}; error CLOCKMOVED
-- @include clock
-- @include steady-clock
-- @include quota-state
-- @include quota-room
local now, moved = steady_ms(ARGV[1], ARGV[2])
if moved then return moved end

local function add_flags(reply, state, marks_key)
  local fields = redis.call('HGETALL', marks_key)
  for index = 1, #fields, 2 do
    local flag = fields[index]:match('^F:(.*)$')
    local counted_ms, raised, times = (fields[index + 1]):match('^(%d+) (%d) (.*)$')
    if flag and raised == '1' then
      local last = tonumber(times:match('(%d+)$'))
      if last and last + tonumber(counted_ms) > state.t then reply[#reply + 1] = flag end
    end
  end
end

local function usage_of(state, allowance, marks_key)
  local day, warmup, next_slot = allowance.day, allowance.warmup, state.su
  if not state.sk then
    local fits, retry_at = room_for(state, allowance.windows, 1, warmup)
    next_slot = not fits and retry_at or nil
  end
  local ramp, ramp_grows_at, ramp_held_until
  if warmup then ramp, ramp_grows_at, ramp_held_until = ramp_of(state, day and day.length or DAY_MS, warmup) end
  local reply = {
    day and day.used or 0, day and cap_of(state, day, warmup) or '', state.lr or '',
    state.sk or '', state.su or '', state.sx or '', tostring(state.tf or 1), next_slot or '',
    ramp or '', ramp_grows_at or '', ramp_held_until or '', state.cm or '',
  }
  if not state.is_kept or state.m == 1 then add_flags(reply, state, marks_key) end
  return reply
end

local replies, first = {}, 3
for key = 1, #KEYS, 3 do
  local state = load_state(KEYS[key], KEYS[key + 1], KEYS[key + 2], now)
  local allowance = read_allowance(state, first)
  replies[#replies + 1] = usage_of(state, allowance, KEYS[key + 2])
  first = allowance.after
end
return replies
