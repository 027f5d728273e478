-- Notes how far a migration is. `schema` says what the ledger becomes, so that older programs stop at once; `migratingFrom` says what
-- it still is, until the last step is done.
-- KEYS  1 identity
-- ARGV  1 schema that the steps done so far lead to  2 schema that all steps lead to
-- Reply 1 noted, 0 another is further
local schema = tonumber(redis.call('HGET', KEYS[1], 'schema') or 0)
local from = tonumber(redis.call('HGET', KEYS[1], 'migratingFrom') or schema)
local done, target = tonumber(ARGV[1]), tonumber(ARGV[2])
if schema > target or from > done then return 0 end
redis.call('HSET', KEYS[1], 'schema', target)
if done < target then
  redis.call('HSET', KEYS[1], 'migratingFrom', done)
else
  redis.call('HDEL', KEYS[1], 'migratingFrom')
end
return 1
