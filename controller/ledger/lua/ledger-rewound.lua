-- Notes that the ledger went back in time, by more than processes can tell again: from now on it is lost for everybody. Void once it has
-- another id, which a person gives it.
-- KEYS  1 identity
-- ARGV  1 id of the ledger  2 by how much at least, ms
-- Reply 1 noted, 0 it is another ledger, or noted already
if redis.call('HGET', KEYS[1], 'id') ~= ARGV[1] then return 0 end
local known = redis.call('HGET', KEYS[1], 'rewound') or ''
if known:match('^%S*') == ARGV[1] then return 0 end
redis.call('HSET', KEYS[1], 'rewound', ARGV[1] .. ' ' .. ARGV[2])
return 1
