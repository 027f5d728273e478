-- A sender tells a ledger that may have gone back in time which claims it began or ended. What the ledger lost of them is there again: a
-- message is taken out of wherever it is and held by its claim, on the wire if it was; queue-settle then ends those that had ended. What has
-- gone on since stays. Repeated, nothing changes. The rules are those of domain/restatement.ts. At most one claim per message in one call.
-- KEYS  1 plan  2 campaigns  3 senders  4 the sender's claims  5 waiting  6 schedule  7 uncertain  8 settled tokens  9 routes
--       10 limited, then the claims of the other senders, then outcomes per campaign
-- ARGV  1 ledger ids  2 seen  3 sender  4 ms for which it counts as registered  5 number of the last token that it knows  6 number of
--       other senders  7 number of campaigns, then the campaigns, then per claim its token, the claim (see claim-record), how it ended
--       (Begun | Returned | Deferred | Untried | Tried), and '' or tabs between ms since `begin` and what w:TOKEN says, its time left out
-- Reply per claim Known | Held (its end may be lost) | Ours (Uncertain, its end may be lost) | Restated | Overtaken | Elsewhere; error LEDGERLOST
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
local keys = { waiting = KEYS[5], schedule = KEYS[6], uncertain = KEYS[7], limited = KEYS[10] }
local campaigns, claims, ring, routes = KEYS[2], KEYS[4], KEYS[8], KEYS[9]
local sender, now, others = ARGV[3], now_ms(), tonumber(ARGV[6])

local outcomes, argument = {}, 8 + tonumber(ARGV[7])
for index = 8, argument - 1 do outcomes[ARGV[index]] = KEYS[10 + others + index - 7] end

-- Claims of all senders by message, read once and only if one is looked for.
local holders
local function holder_of(id)
  if not holders then
    holders = {}
    for index = 0, others do
      local key = index == 0 and claims or KEYS[10 + index]
      local stored, texts = redis.call('HGETALL', key), {}
      for position = 1, #stored, 2 do texts[stored[position]] = stored[position + 1] end
      for token, text in pairs(texts) do
        if token:sub(1, 2) ~= 'w:' then
          holders[read_claim(text).id] = { key = key, token = token, is_on_wire = texts['w:' .. token] ~= nil }
        end
      end
    end
  end
  return holders[id]
end

local function place_of(claim)
  local chunk = redis.call('HGET', outcomes[claim.campaign], chunk_field(claim.step, claim.row)) or ''
  local state = state_of(chunk, claim.row % CHUNK_ROWS)
  local details = redis.call('HGET', keys.waiting, claim.id)
  if details then return { kind = 'Waiting', attempts = tonumber((values_of(details, 4))) } end
  if state == STATES.Fresh then return { kind = claim.step == '0' and 'Fresh' or 'Absent' } end
  if state == STATES.Cancelled then return { kind = 'Cancelled' } end
  if state == STATES.Delivered or state == STATES.Failed or state == STATES.Suppressed then return { kind = 'Ended' } end
  local kept = read_uncertain(redis.call('HGET', keys.uncertain, claim.id), claim.id)
  if kept then
    local _, number = settled_place(kept.token)
    return { kind = 'Uncertain', is_later = number > claim.number, route = kept.route, is_ours = kept.token == claim.token }
  end
  local holder = holder_of(claim.id) or { token = '' }
  local _, number = settled_place(holder.token)
  return { kind = 'Held', holder = holder, is_later = number > claim.number, is_on_wire = holder.is_on_wire }
end

local function judge(claim, place)
  if claim.ended == 'Returned' or place.kind == 'Ended' then return 'Overtaken' end
  if place.kind == 'Waiting' then return place.attempts > tonumber(claim.attempts) and 'Overtaken' or 'Restated' end
  if place.kind == 'Uncertain' then return place.is_later and 'Overtaken' or 'Restated' end
  if place.kind == 'Cancelled' then
    return (claim.ended == 'Untried' or claim.ended == 'Deferred') and 'Overtaken' or 'Restated'
  end
  if place.kind ~= 'Held' or not place.is_later then return 'Restated' end
  if claim.ended == 'Deferred' then return 'Overtaken' end
  return place.is_on_wire and 'Elsewhere' or 'Restated'
end

-- Takes the message out of where it is; counts it there.
local function take_out(claim, place, changes)
  if place.kind == 'Waiting' then
    withdraw(keys, claim.id, limits_of(keys, claim.campaign))
    add(changes, place.attempts > 0 and 'deferred' or 'pending', -1)
  elseif place.kind == 'Fresh' then
    add(changes, 'pending', -1)
  elseif place.kind == 'Absent' then
    add(changes, 'total', 1)
  elseif place.kind == 'Cancelled' then
    add(changes, 'cancelled', -1)
  elseif place.kind == 'Uncertain' then
    redis.call('HDEL', keys.uncertain, claim.id)
    redis.call('HINCRBY', routes, place.route .. '\tuncertain', -1)
    add(changes, 'uncertain', -1)
  else
    local holder = place.holder
    if holder.key then redis.call('HDEL', holder.key, holder.token, 'w:' .. holder.token) end
    add(changes, 'inFlight', -1)
  end
end

local function put_on_wire(claim, wire)
  local age, route, rest = values_of(wire, 3)
  local message_id, parts = values_of(rest, 2)
  local began = string.format('%d', now - tonumber(age))
  redis.call('HSET', claims, 'w:' .. claim.token, table.concat({ route, message_id, began, parts }, '\t'))
end

local function hold(claim, text, wire, changes)
  redis.call('HSET', claims, claim.token, text)
  if wire ~= '' then put_on_wire(claim, wire) end
  set_state(outcomes[claim.campaign], claim.step, claim.row, tonumber(claim.attempts) > 0 and 'Deferred' or 'Claimed')
  add(changes, 'inFlight', 1)
  redis.call('HSETNX', campaigns, claim.campaign .. '/startedMs', now)
  redis.call('ZADD', KEYS[3], 'NX', now + tonumber(ARGV[4]), sender)
  if holders then holders[claim.id] = { key = claims, token = claim.token, is_on_wire = wire ~= '' } end
end

local function restate(claim, text, wire)
  if redis.call('HEXISTS', claims, claim.token) == 1 then
    if wire == '' or redis.call('HEXISTS', claims, 'w:' .. claim.token) == 1 then return 'Held' end
    put_on_wire(claim, wire)
    return 'Restated'
  end
  if claim.ended ~= 'Begun' and not is_lost(ring, claim.token) then return 'Known' end
  local place = place_of(claim)
  if place.is_ours then return 'Ours' end
  local answer = judge(claim, place)
  if answer == 'Restated' then
    local changes = {}
    take_out(claim, place, changes)
    hold(claim, text, wire, changes)
    count(campaigns, claim.campaign, changes, now)
  end
  return answer
end

local reply = {}
for index = argument, #ARGV, 4 do
  local claim = read_claim(ARGV[index + 1])
  local _, number = settled_place(ARGV[index])
  claim.token, claim.number, claim.row, claim.ended = ARGV[index], number, tonumber(claim.row), ARGV[index + 2]
  reply[#reply + 1] = restate(claim, ARGV[index + 1], ARGV[index + 3])
end
-- Heartbeats that the ledger lost do not make it dead; what left, or was declared dead, stays so.
if tonumber(redis.call('ZSCORE', KEYS[3], sender) or 0) > 0 then
  redis.call('ZADD', KEYS[3], 'GT', now + tonumber(ARGV[4]), sender)
end
if tonumber(redis.call('HGET', campaigns, '#token') or 0) < tonumber(ARGV[5]) then
  redis.call('HSET', campaigns, '#token', ARGV[5])
end
return reply
