-- Cancels rows that were not tried and that no sender holds, or makes cancelled rows fresh again. Repeated, nothing changes.
-- KEYS  1 campaigns  2 outcomes of the campaign  3 waiting  4 schedule  5 limited
-- ARGV  1 campaign  2 cancel | restore  3… rows
-- Reply how many changed
-- @include clock
-- @include tabs
-- @include outcomes
-- @include counters
-- @include waiting
local keys = { waiting = KEYS[3], schedule = KEYS[4], limited = KEYS[5] }
local campaign, outcomes, way = ARGV[1], KEYS[2], ARGV[2]
local cursor = tonumber(redis.call('HGET', KEYS[1], campaign .. '/cursor') or 0)
local changed, limits = 0, way == 'cancel' and limits_of(keys, campaign) or {}

-- A row that was claimed and came back untried waits; one that does not wait is with a sender.
local function is_free(state, id)
  if state == STATES.Fresh then return true end
  local details = state == STATES.Claimed and redis.call('HGET', keys.waiting, id)
  return details and tonumber((values_of(details, 4))) == 0
end

for index = 3, #ARGV do
  local row = tonumber(ARGV[index])
  local chunk = redis.call('HGET', outcomes, chunk_field(0, row)) or ''
  local state = state_of(chunk, row % CHUNK_ROWS)
  local id = campaign .. '/0/' .. ARGV[index]
  if way == 'cancel' and is_free(state, id) then
    withdraw(keys, id, limits)
    set_state(outcomes, 0, row, 'Cancelled')
    changed = changed + 1
  elseif way == 'restore' and state == STATES.Cancelled then
    set_state(outcomes, 0, row, 'Fresh')
    cursor = math.min(cursor, row)
    changed = changed + 1
  end
end
if changed > 0 then
  local by = way == 'cancel' and 1 or -1
  count(KEYS[1], campaign, { pending = -by * changed, cancelled = by * changed }, now_ms())
  redis.call('HSET', KEYS[1], campaign .. '/cursor', cursor)
end
return changed
