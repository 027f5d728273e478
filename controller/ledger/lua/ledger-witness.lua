-- Adds witnesses to those that must be there from now on (see witnesses.ts). Those of a ledger that this one replaced are void.
-- KEYS  1 identity
-- ARGV  1 id of the ledger  2… numbers of the witnesses
-- Reply 1 noted, 0 it is another ledger by now
if redis.call('HGET', KEYS[1], 'id') ~= ARGV[1] then return 0 end
local known = redis.call('HGET', KEYS[1], 'witnesses') or ''
if known:match('^%S*') ~= ARGV[1] then known = ARGV[1] end
for index = 2, #ARGV do
  if not (known .. ' '):find(' ' .. ARGV[index] .. ' ', 1, true) then known = known .. ' ' .. ARGV[index] end
end
redis.call('HSET', KEYS[1], 'witnesses', known)
return 1
