-- Puts a list that was written aside into force as one change. Repeated it is a no-op.
-- KEYS  1 lists  2 the list's declared entries  3 the entries written aside (absent when there are none)
-- ARGV  1 ledger id  2 seen  3 id of a lost ledger that this one replaces ('' = none)  4 list  5 revision  6 number of entries
-- Reply 1 in force, 0 was in force already, -1 what was written aside is incomplete: write it again; error LEDGERLOST
-- @include loss
local found = redis.call('HGET', KEYS[1], 'ledger')
if not found or found ~= ARGV[3] then
  local gone = loss(KEYS[1], ARGV[1], ARGV[2])
  if gone then return gone end
end
if redis.call('HGET', KEYS[1], 'l/' .. ARGV[4]) == ARGV[5] then return 0 end
if redis.call('SCARD', KEYS[3]) ~= tonumber(ARGV[6]) then return -1 end

if tonumber(ARGV[6]) == 0 then
  redis.call('DEL', KEYS[2])
else
  redis.call('RENAME', KEYS[3], KEYS[2])
  redis.call('PERSIST', KEYS[2])
end
redis.call('HSET', KEYS[1], 'ledger', ARGV[1], 'l/' .. ARGV[4], ARGV[5])
return 1
