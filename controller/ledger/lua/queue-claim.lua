-- Hands out messages to a registered sender: waiting ones bound to its routes, waiting ones for an ESP, any waiting, fresh rows.
-- Claims whose answer was lost are given back by queue-take-back (reconcile).
-- KEYS  1 plan  2 campaigns  3 senders  4 the sender's claims  5 waiting  6 schedule  7 parked  8 limited  9 due any
--       10 due esp  11… due per route, then outcomes per campaign
-- ARGV  1 ledger ids  2 seen  3 sender  4 how many for an ESP  5 how many for any  6 number of routes,
--       then per route its name and how many, then the number of exhausted limits and these, then the campaigns that may give fresh rows
-- Reply {plan revision, next due or '', 1 when it ended before it had looked at everything or 0, token and claim (see claim-record)…};
--       error LEDGERLOST
-- @include clock
-- @include loss
-- @include tabs
-- @include outcomes
-- @include counters
-- @include waiting
local plan = redis.call('HMGET', KEYS[1], 'ledger', 'pool', 'revision')
local gone = loss(plan[1], KEYS[1], ARGV[1], ARGV[2])
if gone then return gone end
local campaigns, keys = KEYS[2], { waiting = KEYS[5], schedule = KEYS[6] }
local sender, now = ARGV[3], now_ms()
-- A call looks at no more than so many ids and chunks of rows that it cannot use, so that it stays short. None of them is in the way of
-- the next call, so that calls come to an end.
local budget = 500

local sources, due_keys, rooms, first_campaign, routes = {}, {}, {}, 7, tonumber(ARGV[6])
local function add_source(class, key, room)
  due_keys[class], rooms[class] = key, room
  sources[#sources + 1] = { class = class, key = key, room = room }
end
for index = 1, routes do
  add_source('route ' .. ARGV[first_campaign], KEYS[10 + index], tonumber(ARGV[first_campaign + 1]))
  first_campaign = first_campaign + 2
end
add_source('esp', KEYS[10], tonumber(ARGV[4]))
add_source('any', KEYS[9], tonumber(ARGV[5])) -- the last: what it leaves free goes to fresh rows
local exhausted, limits = {}, tonumber(ARGV[first_campaign])
for index = first_campaign + 1, first_campaign + limits do exhausted[ARGV[index]] = true end
first_campaign = first_campaign + limits + 1

local is_open = {}
local function may_send(campaign)
  if is_open[campaign] == nil then
    is_open[campaign] = plan[2] == 'open' and redis.call('HGET', KEYS[1], 'c/' .. campaign) == 'open'
  end
  return is_open[campaign]
end

-- Claims are numbered and counted once per call, not once per message.
local claims, moves = {}, {}
local function hand_out(campaign, claim, counter)
  claims[#claims + 1] = claim
  local move = moves[campaign] or {}
  move[counter] = (move[counter] or 0) - 1
  moves[campaign] = move
end

-- Messages of a campaign that may not send do not stay in the way: they are parked until it may. Returns the room that is left.
local function take_due(class, key, room)
  while room > 0 and budget > 0 do
    local ids = redis.call('ZRANGEBYSCORE', key, '-inf', now, 'LIMIT', 0, math.min(room, 100))
    if #ids == 0 then return room end
    redis.call('ZREM', key, unpack(ids))
    for index, details in ipairs(redis.call('HMGET', keys.waiting, unpack(ids))) do
      local id, attempts, _first, waits_as = ids[index], values_of(details or '', 4)
      local campaign = id:match('^[^/]+')
      if waits_as == class and may_send(campaign) then
        stop_waiting(keys, id)
        hand_out(campaign, id:gsub('/', '\t') .. '\t' .. details, tonumber(attempts) > 0 and 'deferred' or 'pending')
        room = room - 1
      else
        if waits_as == class then
          redis.call('ZADD', KEYS[7], 0, campaign .. '\t' .. class .. '\t' .. id)
        end
        budget = budget - 1
      end
    end
  end
  return room
end

-- Messages of one name and class that wait in a set for something else than their time become due.
local function make_due(set, prefix, class, most)
  if not due_keys[class] then return end
  local first, last = '[' .. prefix .. '\t' .. class .. '\t', '(' .. prefix .. '\t' .. class .. '\t\255'
  for _, member in ipairs(redis.call('ZRANGEBYLEX', set, first, last, 'LIMIT', 0, most)) do
    redis.call('ZREM', set, member)
    redis.call('ZADD', due_keys[class], 'NX', now, (select(3, values_of(member, 3))))
  end
end

-- Goes through such a set from name to name, some per call. The next call goes on where this one ended (`place`, a field of `campaigns`):
-- names for which nothing can be done now never keep the rest from being looked at. `visit` gets the name and class of a member and answers
-- what to leap over.
local function visit_names(set, place, visit)
  local kept = redis.call('HGET', campaigns, place)
  local from = kept or '-'
  for _ = 1, 50 do
    local member = redis.call('ZRANGEBYLEX', set, from, '+', 'LIMIT', 0, 1)[1]
    if not member then
      if kept then redis.call('HDEL', campaigns, place) end
      return
    end
    from = '(' .. visit(values_of(member, 3)) .. '\255'
  end
  redis.call('HSET', campaigns, place, from)
end

-- Parked messages of campaigns that may send again become due.
local function unpark(campaign, class)
  if not may_send(campaign) then return campaign .. '\t' end
  make_due(KEYS[7], campaign, class, 100)
  return campaign .. '\t' .. class .. '\t'
end

-- Messages that wait for a shared limit become due once it has room, no more than this call can hand out: the first of them find out
-- how much room there is.
local function unlimit(name, class)
  local limit, campaign = name:match('^(%S+) (.*)$')
  if exhausted[limit] then return limit .. ' ' end
  if not may_send(campaign) then return name .. '\t' end
  make_due(KEYS[8], name, class, rooms[class] or 0)
  return name .. '\t' .. class .. '\t'
end

-- Bytes with a nibble 0: a chunk without any of them holds no fresh row.
local WITH_FRESH = '[%z\1-\16\32\48\64\80\96\112\128\144\160\176\192\208\224\240]'

-- A campaign's fresh rows, chunk by chunk. `next` takes one; `save` writes what was taken.
local function fresh_rows(campaign, outcomes)
  local values = redis.call('HMGET', campaigns, campaign .. '/cursor', campaign .. '/rows', campaign .. '/endedMs')
  local cursor, total = tonumber(values[1] or 0), tonumber(values[2] or 0)
  local start, field, bytes, is_changed, chunk_end = cursor, nil, {}, false, 0
  if values[3] or not may_send(campaign) then total = 0 end
  local function save_chunk()
    if is_changed then redis.call('HSET', outcomes, field, string.char(unpack(bytes))) end
    is_changed = false
  end
  local function load_chunk()
    save_chunk()
    field = chunk_field(0, cursor)
    local chunk = redis.call('HGET', outcomes, field) or ''
    bytes = bytes_of(chunk)
    chunk_end = (math.floor(cursor / CHUNK_ROWS) + 1) * CHUNK_ROWS
    if #chunk >= CHUNK_ROWS / 2 and not chunk:find(WITH_FRESH) then
      cursor = chunk_end
      budget = budget - 1
    end
  end
  return {
    next = function()
      while cursor < total and budget > 0 do
        if cursor >= chunk_end or not field then
          load_chunk()
        else
          local row = cursor
          cursor = cursor + 1
          if is_fresh(bytes, row % CHUNK_ROWS) then
            set_byte(bytes, row % CHUNK_ROWS, STATES.Claimed)
            is_changed = true
            return row
          end
        end
      end
      return nil
    end,
    save = function()
      save_chunk()
      if cursor > start then redis.call('HSET', campaigns, campaign .. '/cursor', math.min(cursor, total)) end
    end,
  }
end

-- One campaign after the other; the next call goes on after the last one served.
local function take_fresh(room)
  local fresh = {}
  for index = first_campaign, #ARGV do
    fresh[#fresh + 1] = fresh_rows(ARGV[index], KEYS[10 + routes + 1 + index - first_campaign])
  end
  if #fresh == 0 then return end
  local turn, empty = tonumber(redis.call('HGET', campaigns, '#turn') or 0), 0
  while room > 0 and empty < #fresh do
    local index = turn % #fresh + 1
    local row = fresh[index].next()
    turn = turn + 1
    if row then
      local campaign = ARGV[first_campaign + index - 1]
      hand_out(campaign, campaign .. '\t0\t' .. row .. '\t0\t\tany\t', 'pending')
      room, empty = room - 1, 0
    else
      empty = empty + 1
    end
  end
  for _, source in ipairs(fresh) do source.save() end
  redis.call('HSET', campaigns, '#turn', turn % 1000000)
end

-- A thousand claims at a time: Lua's stack is not made for more arguments.
local function write_claims(reply)
  local last = redis.call('HINCRBY', campaigns, '#token', #claims)
  local first = #reply + 1
  for index, claim in ipairs(claims) do
    reply[#reply + 1] = sender .. '.' .. string.format('%d', last - #claims + index)
    reply[#reply + 1] = claim
  end
  for from = first, #reply, 2000 do
    redis.call('HSET', KEYS[4], unpack(reply, from, math.min(from + 1999, #reply)))
  end
  for campaign, move in pairs(moves) do
    move.inFlight = -(move.pending or 0) - (move.deferred or 0)
    count(campaigns, campaign, move, now)
    redis.call('HSETNX', campaigns, campaign .. '/startedMs', now)
  end
end

local reply = { plan[3] or '', '', 0 }
if tonumber(redis.call('ZSCORE', KEYS[3], sender) or 0) > 0 then
  visit_names(KEYS[7], '#parkedFrom', unpark)
  visit_names(KEYS[8], '#limitedFrom', unlimit)
  local room = 0
  for _, source in ipairs(sources) do room = take_due(source.class, source.key, source.room) end
  if room > 0 then take_fresh(room) end
  if #claims > 0 then write_claims(reply) end
end
reply[2] = redis.call('ZRANGE', keys.schedule, 0, 0, 'WITHSCORES')[2] or ''
if budget <= 0 then reply[3] = 1 end
return reply
