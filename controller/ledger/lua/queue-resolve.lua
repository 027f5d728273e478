-- Evidence about an Uncertain message: Delivered, so that the next step of its sequence begins to wait, or back to the queue because it
-- certainly was not accepted; or it is to be repeated with its idempotency key, by the route that knows it. When its campaign has ended,
-- what was not accepted is Cancelled, and nothing is repeated.
-- Repeated after a lost answer it changes nothing and answers Ok.
-- KEYS  1 plan  2 campaigns  3 waiting  4 schedule  5 uncertain  6 settled tokens  7 routes  8 due set of its class
--       9 outcomes of the campaign  10 due any
-- ARGV  1 ledger ids  2 seen  3 campaign  4 step  5 row  6 class that belongs to KEYS 8  7 Delivered | NotAccepted | Repeat
--       8 next step or ''  9 its due in ms
-- Reply Ok | Fenced; error LEDGERLOST
-- @include clock
-- @include loss
-- @include tabs
-- @include outcomes
-- @include counters
-- @include waiting
-- @include claim-record
-- @include wait-or-end
-- @include settled
local gone = loss(redis.call('HGET', KEYS[1], 'ledger'), KEYS[1], ARGV[1], ARGV[2])
if gone then return gone end
local keys = { campaigns = KEYS[2], waiting = KEYS[3], schedule = KEYS[4], uncertain = KEYS[5], routes = KEYS[7] }
local campaign, step, row, evidence = ARGV[3], ARGV[4], tonumber(ARGV[5]), ARGV[7]
local id = campaign .. '/' .. step .. '/' .. row
local found = read_uncertain(redis.call('HGET', keys.uncertain, id), id)
if not found then
  local chunk = redis.call('HGET', KEYS[9], chunk_field(step, row)) or ''
  local state = state_of(chunk, row % CHUNK_ROWS)
  local is_back = redis.call('HEXISTS', keys.waiting, id) == 1 or evidence == 'NotAccepted' and state == STATES.Cancelled
  local is_done = evidence == 'Delivered' and state == STATES.Delivered or evidence ~= 'Delivered' and is_back
  return is_done and 'Ok' or 'Fenced'
end
if evidence == 'Repeat' then
  if found.keyed == '' or has_ended(keys, campaign) then return 'Fenced' end
  found.class, found.overflow = 'route ' .. found.route, found.wire_overflow
end
if found.class ~= ARGV[6] then return 'Fenced' end
found.repeat_of = evidence == 'Repeat' and found.keyed .. '\t' .. found.message_id or ''

redis.call('HDEL', keys.uncertain, id)
forget_settled(KEYS[6], found.token)
redis.call('HINCRBY', KEYS[7], found.route .. '\tuncertain', -1)
local changes, now = { uncertain = -1 }, now_ms()
if evidence == 'Delivered' then
  set_state(KEYS[9], step, row, 'Delivered')
  redis.call('HINCRBY', KEYS[7], found.route .. '\tsent', 1)
  changes.delivered = 1
  if ARGV[8] ~= '' then
    local step_id = campaign .. '/' .. ARGV[8] .. '/' .. row
    local ended = wait_or_end(keys, KEYS[10], untried(step_id), now + tonumber(ARGV[9]), changes)
    set_state(KEYS[9], ARGV[8], row, ended or 'Claimed')
    changes.total = 1
  end
else
  -- The time within which it expires runs from its first attempt.
  if found.first == '' and found.attempts > 0 then found.first = found.began end
  local ended = wait_or_end(keys, KEYS[8], found, now, changes)
  set_state(KEYS[9], step, row, ended or (found.attempts > 0 and 'Deferred' or 'Claimed'))
end
count(KEYS[2], campaign, changes, now)
return 'Ok'
