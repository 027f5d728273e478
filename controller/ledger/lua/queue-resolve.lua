-- Evidence about an Uncertain message: Delivered, or back to the queue because it certainly was not accepted.
-- Repeated after a lost answer it changes nothing and answers Ok.
-- KEYS  1 plan  2 campaigns  3 waiting  4 schedule  5 uncertain  6 settled tokens  7 routes  8 due set of its class
--       9 outcomes of the campaign
-- ARGV  1 ledger ids  2 seen  3 campaign  4 step  5 row  6 class that belongs to KEYS 8  7 Delivered | NotAccepted
-- Reply Ok | Fenced; error LEDGERLOST
-- @include clock
-- @include loss
-- @include tabs
-- @include outcomes
-- @include counters
-- @include waiting
-- @include settled
local gone = loss(redis.call('HGET', KEYS[1], 'ledger'), KEYS[1], ARGV[1], ARGV[2])
if gone then return gone end
local keys = { waiting = KEYS[3], schedule = KEYS[4], uncertain = KEYS[5] }
local campaign, step, row, evidence = ARGV[3], ARGV[4], tonumber(ARGV[5]), ARGV[7]
local id = campaign .. '/' .. step .. '/' .. row
local text = redis.call('HGET', keys.uncertain, id)
if not text then
  local chunk = redis.call('HGET', KEYS[9], chunk_field(step, row)) or ''
  local is_delivered = state_of(chunk, row % CHUNK_ROWS) == STATES.Delivered
  local is_back = redis.call('HEXISTS', keys.waiting, id) == 1
  local is_done = evidence == 'Delivered' and is_delivered or evidence == 'NotAccepted' and is_back
  return is_done and 'Ok' or 'Fenced'
end
local token, route, _message_id, attempts, _began, first, class, overflow = values_of(text, 8)
if class ~= ARGV[6] then return 'Fenced' end

redis.call('HDEL', keys.uncertain, id)
forget_settled(KEYS[6], token)
redis.call('HINCRBY', KEYS[7], route .. '\tuncertain', -1)
redis.call('HINCRBY', KEYS[2], campaign .. '/uncertain', -1)
if evidence == 'Delivered' then
  set_state(KEYS[9], step, row, 'Delivered')
  redis.call('HINCRBY', KEYS[7], route .. '\tsent', 1)
  redis.call('HINCRBY', KEYS[2], campaign .. '/delivered', 1)
else
  local message, changes = { id = id, attempts = attempts, first = first, class = class, overflow = overflow }, {}
  set_state(KEYS[9], step, row, tonumber(message.attempts) > 0 and 'Deferred' or 'Claimed')
  wait(keys, KEYS[8], message, now_ms(), changes)
  count(KEYS[2], campaign, changes, now_ms())
end
return 'Ok'
