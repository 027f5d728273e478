-- Cancels what is not tried or waits, a part per call: ids that wait, and one span of fresh rows; a repeat that waits is as Uncertain as
-- before. Each call says that the campaign has ended: no fresh row is claimed any more, nothing that comes back waits (see wait-or-end), and
-- the source's revision is forgotten. Repeated, nothing changes.
-- KEYS  1 campaigns  2 rows of the campaign  3 outcomes of the campaign  4 waiting  5 schedule  6 parked  7 limited
--       8 uncertain  9 routes
-- ARGV  1 campaign  2 first row of the span  3 row after the span  4 ms that rows and outcomes are kept from now  5… ids that wait
-- Reply how many ended
-- @include clock
-- @include tabs
-- @include outcomes
-- @include counters
-- @include waiting
-- @include claim-record
-- @include wait-or-end
local keys = { waiting = KEYS[4], schedule = KEYS[5], limited = KEYS[7], uncertain = KEYS[8], routes = KEYS[9] }
local campaign, outcomes, now = ARGV[1], KEYS[3], now_ms()
redis.call('HSETNX', KEYS[1], campaign .. '/endedMs', now)
redis.call('HDEL', KEYS[1], campaign .. '/revision')
local rows = tonumber(redis.call('HGET', KEYS[1], campaign .. '/rows') or 0)
local changes = {}

for index = 5, #ARGV do
  local id = ARGV[index]
  local details = redis.call('HGET', keys.waiting, id)
  local step, row = id:match('^[^/]+/(%d+)/(%d+)$')
  if details then
    local attempts, first, class, rest = values_of(details, 4)
    local overflow, repeat_of = with_optional(rest)
    local message = { id = id, attempts = attempts, first = first, class = class, overflow = overflow, repeat_of = repeat_of }
    stop_waiting(keys, id)
    set_state(outcomes, step, tonumber(row), end_untold(keys, message, '', changes))
    add(changes, tonumber(attempts) > 0 and 'deferred' or 'pending', -1)
  end
end

local row, last = tonumber(ARGV[2]), math.min(rows, tonumber(ARGV[3]))
while row < last do
  local field, chunk_end = chunk_field(0, row), math.min(last, (math.floor(row / CHUNK_ROWS) + 1) * CHUNK_ROWS)
  local chunk = redis.call('HGET', outcomes, field) or ''
  for fresh = row, chunk_end - 1 do
    if state_of(chunk, fresh % CHUNK_ROWS) == STATES.Fresh then
      chunk = with_state(chunk, fresh % CHUNK_ROWS, STATES.Cancelled)
      add(changes, 'pending', -1)
      add(changes, 'cancelled', 1)
    end
  end
  redis.call('HSET', outcomes, field, chunk)
  row = chunk_end
end

count(KEYS[1], campaign, changes, now)
redis.call('ZREMRANGEBYLEX', KEYS[6], '[' .. campaign .. '\t', '(' .. campaign .. '\t\255')
for _, name in ipairs(limits_of(keys, campaign)) do
  redis.call('ZREMRANGEBYLEX', keys.limited, '[' .. name .. '\t', '(' .. name .. '\t\255')
end
redis.call('PEXPIRE', KEYS[2], ARGV[4])
redis.call('PEXPIRE', KEYS[3], ARGV[4])
return -(changes.pending or 0) - (changes.deferred or 0)
