-- Ends a claim: outcome, counters, waiting, follow-up and attempt record, all at once. A claim that became Uncertain may still end as
-- Delivered or Failed by the same token. Repeated after a lost answer it changes nothing and answers Ok: the last settled tokens
-- are remembered.
-- KEYS  1 plan  2 campaigns  3 the sender's claims  4 waiting  5 schedule  6 uncertain  7 settled tokens  8 routes  9 attempts
--       10 due set of the settlement's class  11 due any  12 outcomes of the campaign
-- ARGV  1 ledger ids  2 seen  3 token  4 campaign  5 step  6 row  7 kind  8 outcome  9 due in ms  10 class  11 overflow
--       12 route ('' = none)  13 record as JSON ('' = none)  14 its Message-ID  15 its reply "code enhanced"
--       16 its text when the reply is bad, else ''  17 next step ('' = none)  18 next step due in ms  19 attempts kept
-- Reply Ok | Fenced; error LEDGERLOST
-- @include clock
-- @include loss
-- @include tabs
-- @include outcomes
-- @include counters
-- @include waiting
-- @include claim-record
-- @include settled
local gone = loss(redis.call('HGET', KEYS[1], 'ledger'), KEYS[1], ARGV[1], ARGV[2])
if gone then return gone end
local keys = { waiting = KEYS[4], schedule = KEYS[5], uncertain = KEYS[6], settled = KEYS[7] }
local campaigns, claims, routes, outcomes, now = KEYS[2], KEYS[3], KEYS[8], KEYS[12], now_ms()
local token, campaign, step, row = ARGV[3], ARGV[4], ARGV[5], tonumber(ARGV[6])
local kind, outcome, overflow, route, record = ARGV[7], ARGV[8], ARGV[11], ARGV[12], ARGV[13]
local id = campaign .. '/' .. step .. '/' .. ARGV[6]
local COUNTERS = { Delivered = 'delivered', Failed = 'failed', Suppressed = 'suppressed', Cancelled = 'cancelled',
  Uncertain = 'uncertain' }
local ROUTE_COUNTERS = { Delivered = 'sent', Failed = 'failed', Suppressed = 'suppressed', Uncertain = 'uncertain' }

-- Keeps the record and counts on its route: the outcome ('' = none) and the reply.
local function report(counter)
  if record ~= '' then redis.call('XADD', KEYS[9], 'MAXLEN', '~', ARGV[19], '*', 'r', record) end
  if route == '' then return end
  local counted, reply = route .. '\t' .. counter, route .. '\treply ' .. ARGV[15]
  local values = redis.call('HMGET', routes, counted, reply)
  if counter == '' then
    if record ~= '' then redis.call('HSET', routes, reply, tonumber(values[2] or 0) + 1) end
  elseif record == '' then
    redis.call('HSET', routes, counted, tonumber(values[1] or 0) + 1)
  else
    redis.call('HSET', routes, counted, tonumber(values[1] or 0) + 1, reply, tonumber(values[2] or 0) + 1)
  end
  if ARGV[16] ~= '' then redis.call('HSET', routes, route .. '\tlast', ARGV[16], route .. '\tlastMs', now) end
end

local function finish(moves)
  set_state(outcomes, step, row, outcome)
  report(ROUTE_COUNTERS[outcome] or '')
  if outcome == 'Delivered' and overflow ~= '' then
    redis.call('HINCRBY', campaigns, campaign .. '/overflow', 1)
    if route ~= '' then redis.call('HINCRBY', routes, route .. '\toverflow', 1) end
  end
  if outcome == 'Delivered' and ARGV[17] ~= '' then
    local next_id = campaign .. '/' .. ARGV[17] .. '/' .. ARGV[6]
    local message = { id = next_id, attempts = 0, first = '', class = 'any', overflow = '' }
    wait(keys, KEYS[11], message, now + tonumber(ARGV[18]), moves)
    set_state(outcomes, ARGV[17], row, 'Claimed')
    redis.call('HINCRBY', campaigns, campaign .. '/total', 1)
  end
  count(campaigns, campaign, moves, COUNTERS[outcome], 1, now)
end

local function put_back(claim)
  local message = { id = id, attempts = claim.attempts, first = claim.first, class = ARGV[10], overflow = overflow }
  local moves = { inFlight = -1 }
  if kind == 'Deferred' then
    message.attempts = claim.attempts + 1
    if message.first == '' then message.first = claim.began or now end
    set_state(outcomes, step, row, 'Deferred')
    report('deferred')
  end
  wait(keys, KEYS[10], message, now + tonumber(ARGV[9]), moves)
  count(campaigns, campaign, moves, '', 0, now)
end

local wire_field = 'w:' .. token
if kind == 'Terminal' and outcome ~= 'Uncertain' and redis.call('HDEL', claims, token, wire_field) > 0 then
  finish({ inFlight = -1 })
  note_settled(keys, token)
  return 'Ok'
end
local held = redis.call('HMGET', claims, token, wire_field)
if held[1] then
  local claim = read_claim(held[1], held[2])
  redis.call('HDEL', claims, token, wire_field)
  if kind ~= 'Terminal' then
    put_back(claim)
  else
    if not claim.began then claim.route, claim.message_id, claim.began = route, ARGV[14], now end
    keep_uncertain(keys, token, claim, claim.attempts + (record == '' and 0 or 1))
    finish({ inFlight = -1 })
  end
else
  local uncertain = redis.call('HGET', keys.uncertain, id)
  local parts = uncertain and split(uncertain)
  if not parts or parts[1] ~= token or (outcome ~= 'Delivered' and outcome ~= 'Failed') then
    return was_settled(keys, token) and 'Ok' or 'Fenced'
  end
  redis.call('HDEL', keys.uncertain, id)
  redis.call('HINCRBY', campaigns, campaign .. '/uncertain', -1)
  redis.call('HINCRBY', routes, parts[2] .. '\tuncertain', -1)
  finish({})
end
note_settled(keys, token)
return 'Ok'
