-- Follows the server's clock when it was set back: what waits, and the leases of senders that are dead, would last longer by as much. What came
-- to wait since, before anybody noticed, may become due too early instead. Set forward, the clock does so by itself. Once per correction.
-- KEYS  1 plan  2 campaigns  3 senders  4 schedule  5… due sets
-- ARGV  1 ledger ids  2 seen  3 correction of the clock, ms  4 longest lease that a sender was given since, ms
-- Reply how many times were moved; error LEDGERLOST
-- @include clock
-- @include loss
local gone = loss(redis.call('HGET', KEYS[1], 'ledger'), KEYS[1], ARGV[1], ARGV[2])
if gone then return gone end
local before = tonumber(redis.call('HGET', KEYS[2], '#correctionMs') or ARGV[3])
local back, now, moved = tonumber(ARGV[3]) - before, now_ms(), 0
redis.call('HSET', KEYS[2], '#correctionMs', ARGV[3])

local function move(key, from)
  local items = redis.call('ZRANGEBYSCORE', key, '(' .. string.format('%d', from), '+inf', 'WITHSCORES')
  for index = 1, #items, 2 do
    redis.call('ZADD', key, string.format('%d', tonumber(items[index + 1]) - back), items[index])
    moved = moved + 1
  end
end

if back > 0 then
  move(KEYS[3], now + tonumber(ARGV[4]))
  for index = 4, #KEYS do move(KEYS[index], now) end
end
return moved
