-- Notes which lives of its servers (see include/history) the ledger is in. A new ledger has nothing behind it: nobody waits for others.
-- KEYS  1 identity
-- ARGV  1 the lives, with spaces between
-- Reply ms for which they are known, '' since the ledger was made
-- @include clock
if redis.call('HEXISTS', KEYS[1], 'id') == 0 then return '' end
local known, now = redis.call('HMGET', KEYS[1], 'lives', 'livesMs'), now_ms()
if known[1] ~= ARGV[1] then
  known[2] = known[1] and now or ''
  redis.call('HSET', KEYS[1], 'lives', ARGV[1], 'livesMs', known[2])
end
if known[2] == '' then return '' end
return math.max(0, now - tonumber(known[2]))
