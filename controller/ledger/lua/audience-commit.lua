-- Makes an import visible: so many rows exist, under this revision. Repeated, nothing changes.
-- KEYS  1 campaigns  2 rows of the campaign  3 outcomes of the campaign
-- ARGV  1 campaign  2 revision  3 number of rows  4 read  5 accepted  6 invalid  7 duplicate
-- Reply how many rows are new
-- @include clock
-- @include counters
local campaign = ARGV[1]
local rows = tonumber(redis.call('HGET', KEYS[1], campaign .. '/rows') or 0)
local added = math.max(0, tonumber(ARGV[3]) - rows)
redis.call('HSET', KEYS[1],
  campaign .. '/revision', ARGV[2], campaign .. '/rows', rows + added, campaign .. '/read', ARGV[4],
  campaign .. '/accepted', ARGV[5], campaign .. '/invalid', ARGV[6], campaign .. '/duplicate', ARGV[7])
redis.call('HDEL', KEYS[1], campaign .. '/endedMs')
count(KEYS[1], campaign, { pending = added, total = added }, now_ms())
redis.call('PERSIST', KEYS[2])
redis.call('PERSIST', KEYS[3])
return added
