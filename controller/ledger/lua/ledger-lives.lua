-- Notes which lives of its servers (see include/history) the ledger is in. A new ledger has nothing behind it: nobody waits for others.
-- A server that was the primary before another one, and is again, may never have been told that it was not: it is in the same life, and what
-- it noted of it is older than what the callers come from.
-- KEYS  1 identity
-- ARGV  1 the lives, with spaces between  2 those in which the caller saw the ledger last, '' = it has not seen it yet
-- Reply ms for which they are known, '' since the ledger was made
-- @include clock
if redis.call('HEXISTS', KEYS[1], 'id') == 0 then return '' end
local known, now = redis.call('HMGET', KEYS[1], 'lives', 'livesMs', 'livesAfter'), now_ms()
local is_again = ARGV[2] ~= '' and ARGV[2] ~= ARGV[1] and known[3] ~= ARGV[2]
if known[1] ~= ARGV[1] or is_again then
  known[2] = known[1] and now or ''
  redis.call('HSET', KEYS[1], 'lives', ARGV[1], 'livesMs', known[2], 'livesAfter', ARGV[2])
end
if known[2] == '' then return '' end
return math.max(0, now - tonumber(known[2]))
