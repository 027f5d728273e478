-- Hands out messages to a registered sender: waiting ones bound to its routes, waiting ones for an ESP, any waiting, fresh rows.
-- Claims whose answer was lost are given back by queue-take-back (reconcile).
-- KEYS  1 plan  2 campaigns  3 senders  4 the sender's claims  5 waiting  6 schedule  7 parked  8 due any  9 due esp
--       10… due per route, then outcomes per campaign
-- ARGV  1 ledger ids  2 seen  3 sender  4 how many for an ESP  5 how many for any  6 number of routes,
--       then per route its name and how many, then the campaigns that may give fresh rows
-- Reply {plan revision, next due or '', {token, campaign, step, row, attempts, first, class, overflow}…}; error LEDGERLOST
-- @include clock
-- @include loss
-- @include message
-- @include claim-record
local gone = loss(KEYS[1], ARGV[1], ARGV[2])
if gone then return gone end
local keys = { plan = KEYS[1], campaigns = KEYS[2], claims = KEYS[4], waiting = KEYS[5], schedule = KEYS[6], parked = KEYS[7] }
local sender, now = ARGV[3], now_ms()
-- A call looks at no more than so many ids and chunks of rows that it cannot use, so that it stays short.
local budget = 500

local reply = { redis.call('HGET', keys.plan, 'revision') or '', '' }
local sources, due_keys, first_campaign, routes = {}, {}, 7, tonumber(ARGV[6])
local function add_source(class, key, room)
  due_keys[class] = key
  sources[#sources + 1] = { class = class, key = key, room = room }
end
for index = 1, routes do
  add_source('route ' .. ARGV[first_campaign], KEYS[9 + index], tonumber(ARGV[first_campaign + 1]))
  first_campaign = first_campaign + 2
end
add_source('esp', KEYS[9], tonumber(ARGV[4]))
add_source('any', KEYS[8], tonumber(ARGV[5])) -- the last: what it leaves free goes to fresh rows

local is_open, pool_is_open = {}, redis.call('HGET', keys.plan, 'pool') == 'open'
local function may_send(campaign)
  if is_open[campaign] == nil then
    is_open[campaign] = pool_is_open and redis.call('HGET', keys.plan, 'c/' .. campaign) == 'open'
  end
  return is_open[campaign]
end

-- Claims are numbered and counted once per call, not once per message.
local claims, changes = {}, {}
local function hand_out(claim)
  claim.stage, claim.route, claim.message_id, claim.began = 'Claimed', '', '', ''
  claims[#claims + 1] = claim
  local change = changes[claim.campaign] or { pending = 0, deferred = 0 }
  local counter = tonumber(claim.attempts) > 0 and 'deferred' or 'pending'
  change[counter] = change[counter] - 1
  changes[claim.campaign] = change
end

-- Messages of a campaign that may not send do not stay in the way: they are parked until it may. Returns the room that is left.
local function take_due(class, key, room)
  while room > 0 and budget > 0 do
    local ids = redis.call('ZRANGEBYSCORE', key, '-inf', now, 'LIMIT', 0, math.min(room, 100))
    if #ids == 0 then return room end
    redis.call('ZREM', key, unpack(ids))
    for index, details in ipairs(redis.call('HMGET', keys.waiting, unpack(ids))) do
      local id, parts = ids[index], details and split(details)
      local campaign, step, row = id:match('^([^/]+)/(%d+)/(%d+)$')
      if parts and parts[3] == class and may_send(campaign) then
        stop_waiting(keys, id)
        hand_out({ campaign = campaign, step = step, row = row, attempts = parts[1], first = parts[2], class = class,
          overflow = parts[4] })
        room = room - 1
      else
        if parts and parts[3] == class then redis.call('ZADD', keys.parked, 0, join(campaign, class, id)) end
        budget = budget - 1
      end
    end
  end
  return room
end

-- Parked messages of campaigns that may send again become due, some per call.
local function unpark()
  local from = '-'
  for _ = 1, 50 do
    local member = redis.call('ZRANGEBYLEX', keys.parked, from, '+', 'LIMIT', 0, 1)[1]
    if not member then return end
    local parts = split(member)
    local campaign, class = parts[1], parts[2]
    if not may_send(campaign) then
      from = '(' .. campaign .. '\t\255'
    else
      from = '(' .. campaign .. '\t' .. class .. '\t\255'
      if due_keys[class] then
        local first = '[' .. campaign .. '\t' .. class .. '\t'
        for _, parked in ipairs(redis.call('ZRANGEBYLEX', keys.parked, first, from, 'LIMIT', 0, 100)) do
          redis.call('ZREM', keys.parked, parked)
          redis.call('ZADD', due_keys[class], 'NX', now, split(parked)[3])
        end
      end
    end
  end
end

-- Bytes with a nibble 0: a chunk without any of them holds no fresh row.
local WITH_FRESH = '[%z\1-\16\32\48\64\80\96\112\128\144\160\176\192\208\224\240]'

-- A campaign's fresh rows, chunk by chunk. `next` takes one; `save` writes what was taken.
local function fresh_rows(campaign, outcomes)
  local values = redis.call('HMGET', keys.campaigns, campaign .. '/cursor', campaign .. '/rows', campaign .. '/endedMs')
  local cursor, total = tonumber(values[1] or 0), tonumber(values[2] or 0)
  local start, field, chunk, is_changed = cursor, nil, '', false
  if values[3] or not may_send(campaign) then total = 0 end
  local function save_chunk()
    if is_changed then redis.call('HSET', outcomes, field, chunk) end
    is_changed = false
  end
  local function load_chunk()
    save_chunk()
    field = chunk_field(0, cursor)
    chunk = redis.call('HGET', outcomes, field) or ''
    if #chunk >= CHUNK_ROWS / 2 and not chunk:find(WITH_FRESH) then
      cursor = (math.floor(cursor / CHUNK_ROWS) + 1) * CHUNK_ROWS
      budget = budget - 1
    end
  end
  return {
    next = function()
      while cursor < total and budget > 0 do
        if field ~= chunk_field(0, cursor) then
          load_chunk()
        else
          local row = cursor
          cursor = cursor + 1
          if state_of(chunk, row % CHUNK_ROWS) == STATES.Fresh then
            chunk, is_changed = with_state(chunk, row % CHUNK_ROWS, STATES.Claimed), true
            return row
          end
        end
      end
      return nil
    end,
    save = function()
      save_chunk()
      if cursor > start then redis.call('HSET', keys.campaigns, campaign .. '/cursor', math.min(cursor, total)) end
    end,
  }
end

-- One campaign after the other; the next call goes on after the last one served.
local function take_fresh(room)
  local fresh = {}
  for index = first_campaign, #ARGV do
    fresh[#fresh + 1] = fresh_rows(ARGV[index], KEYS[9 + routes + 1 + index - first_campaign])
  end
  local turn, empty = tonumber(redis.call('HGET', keys.campaigns, '#turn') or 0), 0
  while room > 0 and empty < #fresh do
    local index = turn % #fresh + 1
    local row = fresh[index].next()
    turn = turn + 1
    if row then
      hand_out({ campaign = ARGV[first_campaign + index - 1], step = 0, row = row, attempts = 0, first = '', class = 'any',
        overflow = '' })
      room, empty = room - 1, 0
    else
      empty = empty + 1
    end
  end
  for _, source in ipairs(fresh) do source.save() end
  if #fresh > 0 then redis.call('HSET', keys.campaigns, '#turn', turn % 1000000) end
end

local function write_claims()
  local last = redis.call('HINCRBY', keys.campaigns, '#token', #claims)
  local writes = {}
  for index, claim in ipairs(claims) do
    local token = sender .. '.' .. (last - #claims + index)
    writes[#writes + 1] = token
    writes[#writes + 1] = write_claim(claim)
    reply[#reply + 1] = { token, claim.campaign, tonumber(claim.step), claim.row, tonumber(claim.attempts), claim.first,
      claim.class, claim.overflow }
  end
  redis.call('HSET', keys.claims, unpack(writes))
  for campaign, change in pairs(changes) do
    change.inFlight = -change.pending - change.deferred
    count(keys, campaign, change, now)
    redis.call('HSETNX', keys.campaigns, campaign .. '/startedMs', now)
  end
end

if tonumber(redis.call('ZSCORE', KEYS[3], sender) or 0) > 0 then
  unpark()
  local room = 0
  for _, source in ipairs(sources) do room = take_due(source.class, source.key, source.room) end
  if room > 0 then take_fresh(room) end
  if #claims > 0 then write_claims() end
end
reply[2] = redis.call('ZRANGE', keys.schedule, 0, 0, 'WITHSCORES')[2] or ''
return reply
