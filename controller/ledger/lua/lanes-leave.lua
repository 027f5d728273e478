-- Orderly end of a sender: gives up its lanes and its registration. Claims that are left are taken back by the next recovery.
-- Repeated, nothing changes.
-- KEYS  1 senders  2 lanes  3 lane states  4 the sender's claims
-- ARGV  1 sender
-- Reply 1
-- @include tabs
local sender = ARGV[1]
local stored = redis.call('HGETALL', KEYS[2])
for index = 1, #stored, 2 do
  if stored[index] ~= '#fence' and values_of(stored[index + 1], 2) == sender then
    redis.call('HDEL', KEYS[2], stored[index])
    redis.call('HDEL', KEYS[3], stored[index])
  end
end
if redis.call('EXISTS', KEYS[4]) == 1 then
  redis.call('ZADD', KEYS[1], 'XX', 0, sender)
else
  redis.call('ZREM', KEYS[1], sender)
end
return 1
