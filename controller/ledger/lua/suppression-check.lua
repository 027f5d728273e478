-- Asks all lists for many recipients. Marks the namespace as in use, so that a later loss is noticed; changes nothing else.
-- KEYS  1 lists, then per list its declared entries, its earned entries and its log
-- ARGV  1 ledger ids  2 seen  3 list that needs no publication  4 number of lists, then the lists,
--       then per recipient the number of its address entries, the number of all its entries, and those, addresses first
-- Reply per recipient {} or {list, Declared | Earned, JSON of the log or ''}; errors LEDGERLOST, UNPUBLISHED list
-- @include loss
-- @include ledger-id
local gone = loss(redis.call('HGET', KEYS[1], 'ledger'), KEYS[1], ARGV[1], ARGV[2])
if gone then return gone end
if ARGV[2] ~= '1' then redis.call('HSETNX', KEYS[1], 'ledger', current_id(ARGV[1])) end
local lists = {}
for index = 1, tonumber(ARGV[4]) do
  local list = ARGV[4 + index]
  if list ~= ARGV[3] and redis.call('HEXISTS', KEYS[1], 'l/' .. list) == 0 then
    return redis.error_reply('UNPUBLISHED ' .. list)
  end
  lists[index] = { name = list, declared = KEYS[index * 3 - 1], earned = KEYS[index * 3], log = KEYS[index * 3 + 1] }
end

local function find(first, addresses, entries)
  for _, list in ipairs(lists) do
    if addresses > 0 then
      for _, earned in ipairs(redis.call('HMGET', list.earned, unpack(ARGV, first, first + addresses - 1))) do
        if earned then return { list.name, 'Earned', redis.call('HGET', list.log, earned) or '' } end
      end
    end
    if entries > 0 then
      for _, answer in ipairs(redis.call('SMISMEMBER', list.declared, unpack(ARGV, first, first + entries - 1))) do
        if answer == 1 then return { list.name, 'Declared', '' } end
      end
    end
  end
  return {}
end

local reply, argument = {}, 5 + #lists
while argument <= #ARGV do
  local addresses, entries = tonumber(ARGV[argument]), tonumber(ARGV[argument + 1])
  reply[#reply + 1] = find(argument + 2, addresses, entries)
  argument = argument + 2 + entries
end
return reply
