-- Heartbeat of a sender: renews its registration, gives up lanes above its fair share (never a busy one), takes free ones up to it,
-- tells its lanes' states. Repeated after a lost answer it does the same again.
-- KEYS  1 plan  2 senders  3 evicted  4 lanes  5 lane states
-- ARGV  1 ledger ids  2 seen  3 sender  4 lease ms  5 number of routes, then the routes, then the number of busy ones, then those,
--       then per state its route and JSON
-- Reply {now, senders, evicted 0|1, {route, fence, …}, {JSON of a state…}}; error LEDGERLOST
-- @include clock
-- @include loss
-- @include tabs
local gone = loss(redis.call('HGET', KEYS[1], 'ledger'), KEYS[1], ARGV[1], ARGV[2])
if gone then return gone end
local sender, now = ARGV[3], now_ms()
-- Entries of a pool that nobody serves any more are dropped after this time.
local MEMORY_MS = 7 * 24 * 3600 * 1000

local argument = 5
local function read_list()
  local list, length = {}, tonumber(ARGV[argument])
  for index = argument + 1, argument + length do list[#list + 1] = ARGV[index] end
  argument = argument + length + 1
  return list
end
local routes, busy = read_list(), {}
for _, route in ipairs(read_list()) do busy[route] = true end

local evicted = redis.call('ZSCORE', KEYS[3], sender)
if not evicted then redis.call('ZADD', KEYS[2], now + tonumber(ARGV[4]), sender) end
local alive = {}
for _, name in ipairs(redis.call('ZRANGEBYSCORE', KEYS[2], '(' .. now, '+inf')) do alive[name] = true end
local senders = redis.call('ZCOUNT', KEYS[2], '(' .. now, '+inf')

local lanes, listed = {}, {}
local stored = redis.call('HGETALL', KEYS[4])
for index = 1, #stored, 2 do
  local owner, fence = values_of(stored[index + 1], 2)
  if stored[index] ~= '#fence' then lanes[stored[index]] = { owner = owner, fence = fence } end
end
for _, route in ipairs(routes) do listed[route] = true end

local function give_up(route)
  redis.call('HDEL', KEYS[4], route)
  redis.call('HDEL', KEYS[5], route)
  lanes[route] = nil
end

local mine = 0
for route, lane in pairs(lanes) do
  if not alive[lane.owner] or (lane.owner == sender and not listed[route] and not busy[route]) then
    give_up(route)
  elseif lane.owner == sender then
    mine = mine + 1
  end
end
if not evicted then
  local fair = math.ceil(#routes / math.max(1, senders))
  for index = #routes, 1, -1 do
    local route = routes[index]
    if mine > fair and lanes[route] and lanes[route].owner == sender and not busy[route] then
      give_up(route)
      mine = mine - 1
    end
  end
  for _, route in ipairs(routes) do
    if mine < fair and not lanes[route] then
      local fence = redis.call('HINCRBY', KEYS[4], '#fence', 1)
      redis.call('HSET', KEYS[4], route, sender .. '\t' .. fence)
      lanes[route] = { owner = sender, fence = fence }
      mine = mine + 1
    end
  end
  for index = argument, #ARGV, 2 do
    local lane = lanes[ARGV[index]]
    if lane and lane.owner == sender then redis.call('HSET', KEYS[5], ARGV[index], ARGV[index + 1]) end
  end
end

local owned = {}
for route, lane in pairs(lanes) do
  if lane.owner == sender then
    owned[#owned + 1] = route
    owned[#owned + 1] = tonumber(lane.fence)
  end
end
for _, key in ipairs({ KEYS[4], KEYS[5] }) do redis.call('PEXPIRE', key, MEMORY_MS) end
return { now, senders, evicted and 1 or 0, owned, redis.call('HVALS', KEYS[5]) }
