-- Puts a list that was written aside into force as one change. Repeated it is a no-op.
-- KEYS  1 lists  2 the list's declared entries  3 the entries written aside (absent when there are none)
-- ARGV  1 ledger ids  2 seen  3 list  4 revision  5 number of entries
-- Reply 1 in force, 0 was in force already, -1 what was written aside is incomplete: write it again; error LEDGERLOST
-- @include loss
-- @include ledger-id
local gone = loss(redis.call('HGET', KEYS[1], 'ledger'), KEYS[1], ARGV[1], ARGV[2])
if gone then return gone end
if redis.call('HGET', KEYS[1], 'l/' .. ARGV[3]) == ARGV[4] then return 0 end
if redis.call('SCARD', KEYS[3]) ~= tonumber(ARGV[5]) then return -1 end

if tonumber(ARGV[5]) == 0 then
  redis.call('DEL', KEYS[2])
else
  redis.call('RENAME', KEYS[3], KEYS[2])
  redis.call('PERSIST', KEYS[2])
end
redis.call('HSET', KEYS[1], 'ledger', current_id(ARGV[1]), 'l/' .. ARGV[3], ARGV[4])
return 1
