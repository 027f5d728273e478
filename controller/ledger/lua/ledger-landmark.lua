-- Leaves a process' landmark (see tail/landmarks.ts). Those of processes that have left none for long are forgotten when a new one comes.
-- KEYS  1 landmarks
-- ARGV  1 process  2 value  3 how long the landmarks of others are kept, ms
-- Reply 1 its first, 0 another
-- @include clock
local now = now_ms()
local is_first = redis.call('HSET', KEYS[1], ARGV[1], ARGV[2] .. ' ' .. string.format('%d', now))
if is_first == 1 then
  local left = redis.call('HGETALL', KEYS[1])
  for index = 1, #left, 2 do
    local left_ms = tonumber(left[index + 1]:match(' (%d+)$'))
    if left_ms < now - tonumber(ARGV[3]) then redis.call('HDEL', KEYS[1], left[index]) end
  end
end
return is_first
