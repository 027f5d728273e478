-- Ends claims of one sender: outcome, counters, waiting, follow-up and attempt record of each, all at once. A claim that was
-- taken away and became Uncertain still ends by the same token, as if it had not been; one that was settled as Uncertain may still be
-- Delivered or Failed. What would wait ends with its campaign when that has ended. Repeated after a lost answer it changes nothing and
-- answers Ok: the last settled tokens are remembered.
-- KEYS  1 plan  2 campaigns  3 the sender's claims  4 waiting  5 schedule  6 uncertain  7 settled tokens  8 routes  9 attempts
--       10 due any  11 limited, then due sets per class, then outcomes per campaign
-- ARGV  1 ledger ids  2 seen  3 attempts kept  4 number of classes, then the classes, then the number of campaigns, then the campaigns,
--       then per claim a settlement (tabs between token, campaign, step, row, kind, outcome, due in ms, class, overflow, route or
--       the shared limit of one that is Limited, next step or '', its due in ms, Date and Message-ID of what it repeats or ''), tabs
--       between Message-ID, reply "code enhanced" and text of a bad reply or '' of its record, and the record's JSON; both '' when it
--       has none. Kind Overtaken: see queue-restate; only the record is kept
-- Reply per claim Ok | Fenced; error LEDGERLOST
-- @include clock
-- @include loss
-- @include tabs
-- @include outcomes
-- @include outcome-cache
-- @include counters
-- @include waiting
-- @include claim-record
-- @include wait-or-end
-- @include settled
local gone = loss(redis.call('HGET', KEYS[1], 'ledger'), KEYS[1], ARGV[1], ARGV[2])
if gone then return gone end
local keys = { campaigns = KEYS[2], waiting = KEYS[4], schedule = KEYS[5], uncertain = KEYS[6], routes = KEYS[8], limited = KEYS[11] }
local claims, ring, routes, now = KEYS[3], KEYS[7], KEYS[8], now_ms()
local COUNTERS = { Delivered = 'delivered', Failed = 'failed', Suppressed = 'suppressed', Cancelled = 'cancelled',
  Uncertain = 'uncertain' }
local ROUTE_COUNTERS = { Delivered = 'sent', Failed = 'failed', Suppressed = 'suppressed', Uncertain = 'uncertain',
  Deferred = 'deferred' }

local argument, key = 4, 11
local function read_map()
  local map, length = {}, tonumber(ARGV[argument])
  for index = argument + 1, argument + length do
    key = key + 1
    map[ARGV[index]] = KEYS[key]
  end
  argument = argument + length + 1
  return map
end
local due_keys, outcomes = read_map(), read_map()

-- Changes of counters, gathered over all claims and written at the end.
local by_campaign, by_route, last_replies = {}, {}, {}
local function changes_of(campaign)
  by_campaign[campaign] = by_campaign[campaign] or {}
  return by_campaign[campaign]
end
local function count_route(route, name, by)
  if route ~= '' then add(by_route, route .. '\t' .. name, by) end
end

-- Keeps the record, and counts on its route what became of the message and the reply.
local function report(item, became)
  if ROUTE_COUNTERS[became] then count_route(item.route, ROUTE_COUNTERS[became], 1) end
  if item.record == '' then return end
  local _, code, bad = values_of(item.summary, 3)
  redis.call('XADD', KEYS[9], 'MAXLEN', '~', ARGV[3], '*', 'r', item.record)
  count_route(item.route, 'reply ' .. code, 1)
  if bad ~= '' and item.route ~= '' then last_replies[item.route] = bad end
end

local function finish(item, changes)
  set_cached(outcomes[item.campaign], item.step, item.row, item.outcome)
  add(changes, COUNTERS[item.outcome], 1)
  report(item, item.outcome)
  if item.outcome ~= 'Delivered' then return end
  if item.overflow ~= '' then
    add(changes, 'overflow', 1)
    count_route(item.route, 'overflow', 1)
  end
  -- A next step that was restated before is there.
  if item.next_step ~= '' and cached_state(outcomes[item.campaign], item.next_step, item.row) == STATES.Fresh then
    local id = item.campaign .. '/' .. item.next_step .. '/' .. item.row
    local ended = wait_or_end(keys, KEYS[10], untried(id), now + tonumber(item.next_in), changes)
    set_cached(outcomes[item.campaign], item.next_step, item.row, ended or 'Claimed')
    add(changes, 'total', 1)
  end
end

local function put_back(item, claim, changes)
  local message = { id = claim.id, attempts = claim.attempts, first = claim.first, class = item.class, overflow = item.overflow,
    repeat_of = item.repeat_of, token = item.token }
  if item.kind == 'Deferred' then
    message.attempts = claim.attempts + 1
    if message.first == '' then message.first = claim.began or now end
    set_cached(outcomes[item.campaign], item.step, item.row, 'Deferred')
    report(item, 'Deferred')
  elseif item.kind == 'Limited' then
    message.limit = item.route
  end
  local ended = wait_or_end(keys, due_keys[item.class], message, now + tonumber(item.due_in), changes)
  if ended then set_cached(outcomes[item.campaign], item.step, item.row, ended) end
end

-- Ends a claim that is held.
local function settle(item, held, wire)
  local changes = changes_of(item.campaign)
  add(changes, 'inFlight', -1)
  if item.kind ~= 'Terminal' then return put_back(item, read_claim(held, wire), changes) end
  if item.outcome == 'Uncertain' then
    local claim, has_record = read_claim(held, wire), item.record ~= ''
    if not claim.began then
      claim.route, claim.message_id, claim.began = item.route, has_record and values_of(item.summary, 3) or claim.message_id, now
    end
    keep_uncertain(keys, item.token, claim, claim.attempts + (has_record and 1 or 0), '')
  end
  finish(item, changes)
end

-- Evidence about a claim that became Uncertain; true when it is some.
local function prove(item)
  local id = item.campaign .. '/' .. item.step .. '/' .. item.row
  local claim = read_uncertain(redis.call('HGET', keys.uncertain, id), id)
  if not claim or claim.token ~= item.token or item.outcome == 'Uncertain' then return false end
  local is_taken_back = claim.lost ~= ''
  if not is_taken_back and item.outcome ~= 'Delivered' and item.outcome ~= 'Failed' then return false end
  redis.call('HDEL', keys.uncertain, id)
  count_route(claim.route, 'uncertain', -1)
  local changes = changes_of(item.campaign)
  add(changes, 'uncertain', -1)
  if is_taken_back then
    -- As if recovery had not come: the true record, if there was an attempt, takes the place of the one that recovery made.
    redis.call('XDEL', KEYS[9], claim.lost)
    claim.attempts = claim.attempts - 1
  end
  if item.kind == 'Terminal' then
    finish(item, changes)
  else
    set_cached(outcomes[item.campaign], item.step, item.row, claim.attempts > 0 and 'Deferred' or 'Claimed')
    put_back(item, claim, changes)
  end
  return true
end

-- Keeps the record of an attempt that the ledger had lost, and whose message has gone on without it.
local function make_good(item)
  if not is_lost(ring, item.token) then return false end
  report(item, item.outcome)
  return true
end

local items, held_fields = {}, {}
for index = argument, #ARGV, 3 do
  local token, campaign, step, row, kind, outcome, due_in, class, overflow, route, next_step, next_in, repeat_of = values_of(ARGV[index], 13)
  items[#items + 1] = { token = token, campaign = campaign, step = step, row = tonumber(row), kind = kind, outcome = outcome,
    due_in = due_in, class = class, overflow = overflow, repeat_of = repeat_of, route = route, next_step = next_step, next_in = next_in,
    summary = ARGV[index + 1], record = ARGV[index + 2] }
  held_fields[#held_fields + 1] = token
  held_fields[#held_fields + 1] = 'w:' .. token
end
local held = redis.call('HMGET', claims, unpack(held_fields))

local reply, settled, gone_fields, is_done = {}, {}, {}, {}
for index, item in ipairs(items) do
  local answer = 'Ok'
  if is_done[item.token] then
    answer = 'Ok'
  elseif item.kind == 'Overtaken' then
    answer = make_good(item) and 'Ok' or 'Fenced'
  elseif held[2 * index - 1] then
    settle(item, held[2 * index - 1], held[2 * index])
    gone_fields[#gone_fields + 1] = item.token
    gone_fields[#gone_fields + 1] = 'w:' .. item.token
  elseif not prove(item) then
    answer = was_settled(ring, item.token) and 'Ok' or 'Fenced'
  end
  if answer == 'Ok' and not is_done[item.token] then
    settled[#settled + 1] = item.token
    is_done[item.token] = true
  end
  reply[#reply + 1] = answer
end

if #gone_fields > 0 then redis.call('HDEL', claims, unpack(gone_fields)) end
note_settled(ring, settled)
write_cached()
for campaign, changes in pairs(by_campaign) do count(KEYS[2], campaign, changes, now) end
local names, writes = {}, {}
for name in pairs(by_route) do names[#names + 1] = name end
if #names > 0 then
  for index, value in ipairs(redis.call('HMGET', routes, unpack(names))) do
    writes[#writes + 1] = names[index]
    writes[#writes + 1] = tonumber(value or 0) + by_route[names[index]]
  end
end
for route, words in pairs(last_replies) do
  for _, word in ipairs({ route .. '\tlast', words, route .. '\tlastMs', now }) do writes[#writes + 1] = word end
end
if #writes > 0 then redis.call('HSET', routes, unpack(writes)) end
return reply
