-- Lifts a stop of the given kinds and forgets what led to it: the learned limit, or the flags with their counters. Repeated,
-- nothing changes.
-- KEYS  1 state  2 marks
-- ARGV  1 correction of the clock  2 expected time  3… kinds of stop
-- Reply 1 lifted, 0 no such stop; error CLOCKMOVED
-- @include clock
-- @include steady-clock
-- @include quota-state
local now, moved = steady_ms(ARGV[1], ARGV[2])
if moved then return moved end
local state = load_state(KEYS[1], nil, KEYS[2], now)
if not state.sk then return 0 end
local is_meant = false
for index = 3, #ARGV do is_meant = is_meant or ARGV[index] == state.sk end
if not is_meant then return 0 end

local gone = { 'sk', 'su', 'sx' }
if state.sk == 'WindowReset' then
  gone[4], gone[5] = 'lr', 'lu'
else
  for _, field in ipairs(redis.call('HKEYS', KEYS[2])) do
    if field:sub(1, 2) == 'F:' then gone[#gone + 1] = field end
  end
end
redis.call('HDEL', KEYS[2], unpack(gone))
-- What is left ends by its own times; the longest that a throttle or a learned limit may last is a day, a ramp is remembered longer.
keep(KEYS[2], state.wh and RAMP_MEMORY_MS or DAY_MS)
return 1
