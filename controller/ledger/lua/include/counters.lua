-- Counters of campaigns: hash CAMPAIGN/NAME → number.

-- Adds to counters of a campaign, and notes the time since when nothing of it is left to do, or forgets that when there is something
-- again. One read and one write: every write is written to the append-only file, too. changes: name → how many more.
local function count(campaigns, campaign, changes, now)
  local prefix = campaign .. '/'
  local names = { 'completedMs', 'pending', 'inFlight', 'deferred' }
  for name in pairs(changes) do
    if name ~= 'pending' and name ~= 'inFlight' and name ~= 'deferred' then names[#names + 1] = name end
  end
  local fields, writes, left = {}, {}, 0
  for index, name in ipairs(names) do fields[index] = prefix .. name end
  local values = redis.call('HMGET', campaigns, unpack(fields))
  for index = 2, #names do
    local change = changes[names[index]] or 0
    local value = tonumber(values[index] or 0) + change
    if index <= 4 then left = left + value end
    if change ~= 0 then
      writes[#writes + 1] = fields[index]
      writes[#writes + 1] = value
    end
  end
  if left == 0 and not values[1] then
    writes[#writes + 1] = fields[1]
    writes[#writes + 1] = now
  end
  if #writes > 0 then redis.call('HSET', campaigns, unpack(writes)) end
  if left > 0 and values[1] then redis.call('HDEL', campaigns, fields[1]) end
end

local function add(changes, name, by)
  changes[name] = (changes[name] or 0) + by
end
