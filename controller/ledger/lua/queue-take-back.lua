-- Takes claims away from a sender: those not on the wire return to the queue, or end with their campaign; those on the wire become
-- Uncertain and leave a record.
-- recover: of a sender whose heartbeat ended, all of them; it is evicted and never counts as alive again.
-- reconcile: of a living sender, those that it no longer knows.
-- Only claims whose class and campaign have their keys here are taken; the caller asks again with more keys while some are left.
-- Repeated after a lost answer it finds nothing more to take; the Uncertain ones are listed by their hash.
-- KEYS  1 plan  2 campaigns  3 senders  4 evicted  5 the sender's claims  6 waiting  7 schedule  8 uncertain  9 routes
--       10 attempts, then due sets per class, then outcomes per campaign
-- ARGV  1 ledger ids  2 seen  3 recover | reconcile  4 sender  5 attempts kept  6 what all records of lost attempts
--       say, as JSON  7 number of classes, then the classes, then the number of campaigns,
--       then the campaigns, then (reconcile) the tokens that the sender knows
-- Reply {how many are left, {campaign, step, row, route, message id, attempts, began, Date if keyed or ''}…}; error LEDGERLOST
-- @include clock
-- @include loss
-- @include tabs
-- @include outcomes
-- @include counters
-- @include waiting
-- @include claim-record
-- @include wait-or-end
local gone = loss(redis.call('HGET', KEYS[1], 'ledger'), KEYS[1], ARGV[1], ARGV[2])
if gone then return gone end
local keys = { campaigns = KEYS[2], waiting = KEYS[6], schedule = KEYS[7], uncertain = KEYS[8], routes = KEYS[9] }
local mode, sender, now = ARGV[3], ARGV[4], now_ms()
-- An evicted sender is remembered so long.
local MEMORY_MS = 24 * 3600 * 1000

local argument, key = 7, 10
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

local held = {}
if mode == 'recover' then
  local lease_end = redis.call('ZSCORE', KEYS[3], sender)
  if not lease_end or tonumber(lease_end) > now then return { 0 } end
  redis.call('ZADD', KEYS[3], 0, sender)
  redis.call('ZREMRANGEBYSCORE', KEYS[4], '-inf', now - MEMORY_MS)
  redis.call('ZADD', KEYS[4], now, sender)
  redis.call('PEXPIRE', KEYS[4], MEMORY_MS)
else
  for index = argument, #ARGV do held[ARGV[index]] = true end
end

-- The record of an attempt whose sender did not live to write one; it lasted until now. Answers its id.
local function record_lost(claim)
  local record = cjson.decode(ARGV[6])
  record.timeMs, record.durationMs = now, now - tonumber(claim.began)
  record.campaign, record.step, record.row = claim.campaign, tonumber(claim.step), tonumber(claim.row)
  record.recipient, record.messageId, record.attempt = claim.recipient, claim.message_id, tonumber(claim.attempts) + 1
  record.route, record.provider, record.account = claim.route, claim.provider, claim.account
  record.overflow = claim.wire_overflow
  return redis.call('XADD', KEYS[10], 'MAXLEN', '~', ARGV[5], '*', 'r', cjson.encode(record))
end

local reply, left = { 0 }, 0
local function take(token, claim)
  local changes = { inFlight = -1 }
  redis.call('HDEL', KEYS[5], token, 'w:' .. token)
  if not claim.began then
    local ended = wait_or_end(keys, due_keys[claim.class], claim, now, changes)
    if ended then set_state(outcomes[claim.campaign], claim.step, tonumber(claim.row), ended) end
    count(KEYS[2], claim.campaign, changes, now)
    return
  end
  local attempts = tonumber(claim.attempts) + 1
  keep_uncertain(keys, token, claim, attempts, record_lost(claim))
  set_state(outcomes[claim.campaign], claim.step, tonumber(claim.row), 'Uncertain')
  redis.call('HINCRBY', KEYS[9], claim.route .. '\tuncertain', 1)
  changes.uncertain = 1
  count(KEYS[2], claim.campaign, changes, now)
  reply[#reply + 1] = { claim.campaign, tonumber(claim.step), tonumber(claim.row), claim.route, claim.message_id,
    attempts, tonumber(claim.began), claim.keyed }
end

local stored, claims = redis.call('HGETALL', KEYS[5]), {}
for index = 1, #stored, 2 do claims[stored[index]] = stored[index + 1] end
for token, text in pairs(claims) do
  if token:sub(1, 2) ~= 'w:' and not held[token] then
    local claim = read_claim(text, claims['w:' .. token])
    if due_keys[claim.class] and outcomes[claim.campaign] then
      take(token, claim)
    else
      left = left + 1
    end
  end
end
if mode == 'recover' and left == 0 then redis.call('ZREM', KEYS[3], sender) end
reply[1] = left
return reply
