-- Adds to the ledgers that this one replaces those which a lost one replaced: whoever knew them knows this one, too.
-- KEYS  1 identity
-- ARGV  1 id of the ledger  2 how many are kept  3… ids to add
-- Reply the ids that it replaces, with commas between
local known = redis.call('HGET', KEYS[1], 'replaces') or ''
if redis.call('HGET', KEYS[1], 'id') ~= ARGV[1] then return known end
local ids, seen = {}, { [ARGV[1]] = true }
local function add(id)
  if not seen[id] and #ids < tonumber(ARGV[2]) then
    ids[#ids + 1] = id
    seen[id] = true
  end
end
for id in known:gmatch('[^,]+') do add(id) end
for index = 3, #ARGV do add(ARGV[index]) end
local joined = table.concat(ids, ',')
if joined ~= known then redis.call('HSET', KEYS[1], 'replaces', joined) end
return joined
