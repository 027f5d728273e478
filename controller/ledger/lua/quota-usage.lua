-- What a person wants to know about a subject's quota. Changes nothing.
-- KEYS  1 state  2 ring of the Hour limit  3 marks
-- ARGV  1 correction of the clock  2 expected time  3… as quota-reserve from 8
-- Reply {used, cap or '', learned or '', kind of stop or '', until or '', text, throttle factor, next slot or '',
--        what the warm-up's ramp allows today or '', when it grows next, end of the day for which it is held or '',
--        most connections or '', flag…}
-- @include clock
-- @include steady-clock
-- @include quota-state
-- @include quota-room
local state, moved = load_state(KEYS[1], KEYS[3], ARGV[1], ARGV[2])
if moved then return moved end
local windows, day, warmup = read_allowance(state, { Day = KEYS[1], Hour = KEYS[2] }, 3)
local next_slot = state.su
if not state.sk then
  local fits, retry_at = room_for(state, windows, 1, warmup)
  next_slot = not fits and retry_at or nil
end
local ramp, ramp_grows_at, ramp_held_until
if warmup then ramp, ramp_grows_at, ramp_held_until = ramp_of(state, day and day.length or DAY_MS, warmup) end
local reply = {
  day and day.used or 0, day and cap_of(state, day.limit, warmup) or '', state.lr or '',
  state.sk or '', state.su or '', state.sx or '', tostring(state.tf or 1), next_slot or '',
  ramp or '', ramp_grows_at or '', ramp_held_until or '', state.cm or '',
}
if not state.bytes or state.m == 1 then
  local fields = redis.call('HGETALL', KEYS[3])
  for index = 1, #fields, 2 do
    local flag = fields[index]:match('^F:(.*)$')
    local counted_ms, raised, times = (fields[index + 1]):match('^(%d+) (%d) (.*)$')
    if flag and raised == '1' then
      local last = tonumber(times:match('(%d+)$'))
      if last and last + tonumber(counted_ms) > state.t then reply[#reply + 1] = flag end
    end
  end
end
return reply
