-- Lifts a stop of the given kinds and forgets what led to it: the learned limit, or the flags with their counters. Repeated,
-- nothing changes.
-- KEYS  1 state
-- ARGV  1… kinds of stop
-- Reply 1 lifted, 0 no such stop
-- @include clock
-- @include quota-state
local state = load_state(KEYS[1])
if not state.sk then return 0 end
local is_meant = false
for _, kind in ipairs(ARGV) do is_meant = is_meant or kind == state.sk end
if not is_meant then return 0 end

local changes = { sk = false, su = false, sx = false }
if state.sk == 'WindowReset' then
  changes.lr, changes.lu = false, false
else
  for _, field in ipairs(redis.call('HKEYS', state.key)) do
    if field:sub(1, 2) == 'F:' then changes[field] = false end
  end
end
changes.t = state.t
state.sk = nil
save(state, changes)
keep(state, RAMP_MEMORY_MS)
return 1
