-- Takes a reservation out of the slots it was counted in. Repeated, or once the slots have left, nothing changes: the numbers of those that were
-- released are remembered in a ring, each in the place NUMBER modulo its size, until a later one takes the place. Who repeats does so within
-- moments, not after so many others; each suppressed recipient leaves a number, and a mailbox may have thousands of them a day.
-- KEYS  1 state  2 ring of the Hour limit  3 marks  4 ring of released numbers
-- ARGV  1 correction of the clock  2 expected time  3 token  4 recipients  5 slots per window  6 margin ms
--       7… per slot of the token: name, window ms, slot
-- Reply 1 taken back, 0 nothing to do; error CLOCKMOVED
-- @include clock
-- @include steady-clock
-- @include quota-state
local RELEASED_SIZE = 2048
local number, recipients = tonumber(ARGV[3]:match('^%d+')), tonumber(ARGV[4])
local place = '#' .. number % RELEASED_SIZE
local slots, margin = tonumber(ARGV[5]), tonumber(ARGV[6])
local now, moved = steady_ms(ARGV[1], ARGV[2])
if moved then return moved end
local state = load_state(KEYS[1], KEYS[2], KEYS[3], now)
if not state.is_kept or redis.call('BITFIELD', KEYS[4], 'GET', 'u32', place)[1] == number then return 0 end

local forget_at = 0
for position = 7, #ARGV, 3 do
  local name, length, slot = ARGV[position], tonumber(ARGV[position + 1]), tonumber(ARGV[position + 2])
  local window = open_window(state, name, length, slots, margin)
  if window.head and slot >= window.oldest and slot <= window.current then
    write_window(state, window, slot, -math.min(counted_in(state, window, slot), recipients))
    forget_at = math.max(forget_at, leaves_at(window, slot))
  end
end
if forget_at == 0 then return 0 end
save_state(state, 0)
redis.call('BITFIELD', KEYS[4], 'SET', 'u32', place, number)
keep(KEYS[4], forget_at - state.t)
return 1
