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
-- @include message
-- @include claim-record
-- @include settled
local gone = loss(KEYS[1], ARGV[1], ARGV[2])
if gone then return gone end
local keys = { campaigns = KEYS[2], waiting = KEYS[4], schedule = KEYS[5], uncertain = KEYS[6], settled = KEYS[7], routes = KEYS[8] }
local token, campaign, step, row = ARGV[3], ARGV[4], ARGV[5], tonumber(ARGV[6])
local kind, outcome, class, overflow, route, record = ARGV[7], ARGV[8], ARGV[10], ARGV[11], ARGV[12], ARGV[13]
local outcomes, now = KEYS[12], now_ms()
local id = campaign .. '/' .. step .. '/' .. ARGV[6]
local changes, on_route = {}, {}

local function keep_record()
  if record == '' then return end
  redis.call('XADD', KEYS[9], 'MAXLEN', '~', ARGV[19], '*', 'r', record)
  add(on_route, 'reply ' .. ARGV[15], 1)
end

local ROUTE_COUNTERS = { Delivered = 'sent', Failed = 'failed', Suppressed = 'suppressed', Uncertain = 'uncertain' }
local function finish()
  set_state(outcomes, step, row, outcome)
  add(changes, COUNTERS[outcome], 1)
  if ROUTE_COUNTERS[outcome] then add(on_route, ROUTE_COUNTERS[outcome], 1) end
  keep_record()
  if outcome ~= 'Delivered' then return end
  if overflow ~= '' then
    add(changes, 'overflow', 1)
    add(on_route, 'overflow', 1)
  end
  if ARGV[17] ~= '' then
    local message = { id = campaign .. '/' .. ARGV[17] .. '/' .. ARGV[6], attempts = 0, first = '', class = 'any', overflow = '' }
    wait(keys, KEYS[11], message, now + tonumber(ARGV[18]), changes)
    set_state(outcomes, ARGV[17], row, 'Claimed')
    add(changes, 'total', 1)
  end
end

local function put_back(claim)
  local message = { id = id, attempts = claim.attempts, first = claim.first, class = class, overflow = overflow }
  if kind == 'Deferred' then
    message.attempts = claim.attempts + 1
    if message.first == '' then message.first = claim.began ~= '' and claim.began or now end
    set_state(outcomes, step, row, 'Deferred')
    add(on_route, 'deferred', 1)
    keep_record()
  end
  wait(keys, KEYS[10], message, now + tonumber(ARGV[9]), changes)
end

local function count_on_route()
  local names, fields, writes = {}, {}, {}
  for name in pairs(on_route) do
    names[#names + 1] = name
    fields[#fields + 1] = join(route, name)
  end
  if route == '' or #names == 0 then return end
  for index, value in ipairs(redis.call('HMGET', keys.routes, unpack(fields))) do
    writes[#writes + 1] = fields[index]
    writes[#writes + 1] = tonumber(value or 0) + on_route[names[index]]
  end
  if ARGV[16] ~= '' then
    for _, word in ipairs({ join(route, 'last'), ARGV[16], join(route, 'lastMs'), now }) do writes[#writes + 1] = word end
  end
  redis.call('HSET', keys.routes, unpack(writes))
end

local text = redis.call('HGET', KEYS[3], token)
if text then
  local claim = read_claim(text)
  redis.call('HDEL', KEYS[3], token)
  changes.inFlight = -1
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
    return was_settled(keys, token) and 'Ok' or 'Fenced'
  end
  redis.call('HDEL', keys.uncertain, id)
  changes.uncertain = -1
  redis.call('HINCRBY', keys.routes, join(parts[2], 'uncertain'), -1)
  finish()
end
note_settled(keys, token)
count_on_route()
count(keys, campaign, changes, now)
return 'Ok'
