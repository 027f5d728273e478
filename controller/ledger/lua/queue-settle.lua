-- Ends a claim: outcome, counters, waiting, follow-up and attempt record, all at once. A claim that became Uncertain may still end as
-- Delivered or Failed by the same token. Repeated after a lost answer it changes nothing and answers Ok: the last settled tokens
-- are remembered.
-- KEYS  1 plan  2 campaigns  3 the sender's claims  4 waiting  5 schedule  6 uncertain  7 settled tokens  8 routes  9 attempts
--       10 due set of the settlement's class  11 due any  12 outcomes of the campaign
-- ARGV  1 ledger id  2 seen  3 token  4 campaign  5 step  6 row  7 kind  8 outcome  9 due in ms  10 class  11 overflow
--       12 route ('' = none)  13 record as JSON ('' = none)  14 its Message-ID  15 its reply "code enhanced"
--       16 its text when the reply is bad, else ''  17 next step ('' = none)  18 next step due in ms  19 attempts kept  20 tokens kept
-- Reply Ok | Fenced; error LEDGERLOST
-- @include clock
-- @include loss
-- @include message
-- @include claim-record
local gone = loss(KEYS[1], ARGV[1], ARGV[2])
if gone then return gone end
local keys = { campaigns = KEYS[2], waiting = KEYS[4], schedule = KEYS[5], uncertain = KEYS[6] }
local token, campaign, step, row = ARGV[3], ARGV[4], ARGV[5], tonumber(ARGV[6])
local kind, outcome, class, overflow, route, record = ARGV[7], ARGV[8], ARGV[10], ARGV[11], ARGV[12], ARGV[13]
local outcomes, now = KEYS[12], now_ms()
local id = campaign .. '/' .. step .. '/' .. ARGV[6]

local function count_route(name, by)
  if route ~= '' then redis.call('HINCRBY', KEYS[8], join(route, name), by) end
end

local function keep_record()
  if record == '' then return end
  redis.call('XADD', KEYS[9], 'MAXLEN', '~', ARGV[19], '*', 'r', record)
  if route == '' then return end
  count_route('reply ' .. ARGV[15], 1)
  if ARGV[16] ~= '' then
    redis.call('HSET', KEYS[8], join(route, 'last'), ARGV[16], join(route, 'lastMs'), now)
  end
end

local function remember()
  redis.call('ZADD', KEYS[7], now, token)
  redis.call('ZREMRANGEBYRANK', KEYS[7], 0, -1 - tonumber(ARGV[20]))
end

local ROUTE_COUNTERS = { Delivered = 'sent', Failed = 'failed', Suppressed = 'suppressed', Uncertain = 'uncertain' }
local function finish()
  set_state(outcomes, step, row, outcome)
  count(keys, campaign, COUNTERS[outcome], 1)
  if ROUTE_COUNTERS[outcome] then count_route(ROUTE_COUNTERS[outcome], 1) end
  keep_record()
  if outcome ~= 'Delivered' then return end
  if overflow ~= '' then
    count(keys, campaign, 'overflow', 1)
    count_route('overflow', 1)
  end
  if ARGV[17] ~= '' then
    local next_id = campaign .. '/' .. ARGV[17] .. '/' .. ARGV[6]
    local message = { id = next_id, campaign = campaign, attempts = 0, first = '', class = 'any', overflow = '' }
    wait(keys, KEYS[11], message, now + tonumber(ARGV[18]))
    set_state(outcomes, ARGV[17], row, 'Claimed')
    count(keys, campaign, 'total', 1)
  end
end

local function put_back(claim)
  local message = { id = id, campaign = campaign, attempts = claim.attempts, first = claim.first, class = class, overflow = overflow }
  if kind == 'Deferred' then
    message.attempts = claim.attempts + 1
    if message.first == '' then message.first = claim.began ~= '' and claim.began or now end
    set_state(outcomes, step, row, 'Deferred')
    count_route('deferred', 1)
    keep_record()
  end
  wait(keys, KEYS[10], message, now + tonumber(ARGV[9]))
end

local text = redis.call('HGET', KEYS[3], token)
if text then
  local claim = read_claim(text)
  redis.call('HDEL', KEYS[3], token)
  count(keys, campaign, 'inFlight', -1)
  if kind ~= 'Terminal' then
    put_back(claim)
  else
    if outcome == 'Uncertain' then
      if claim.began == '' then claim.route, claim.message_id, claim.began = route, ARGV[14], now end
      keep_uncertain(keys, token, claim, claim.attempts + (record == '' and 0 or 1))
    end
    finish()
  end
else
  local uncertain = redis.call('HGET', keys.uncertain, id)
  local parts = uncertain and split(uncertain)
  if not parts or parts[1] ~= token or (outcome ~= 'Delivered' and outcome ~= 'Failed') then
    return redis.call('ZSCORE', KEYS[7], token) and 'Ok' or 'Fenced'
  end
  redis.call('HDEL', keys.uncertain, id)
  count(keys, campaign, 'uncertain', -1)
  redis.call('HINCRBY', KEYS[8], join(parts[2], 'uncertain'), -1)
  finish()
end
remember()
note_completion(keys, campaign, now)
return 'Ok'
