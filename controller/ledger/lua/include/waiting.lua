-- Messages that wait. A message's id is CAMPAIGN/STEP/ROW. keys.waiting: hash id → attempts, first attempt, class, overflow (and of a repeat Date and Message-ID of what it
-- repeats).
-- keys.schedule: sorted set of all that wait, by due time. Besides, each waits in the sorted set of its class (any, esp, or
-- "route ROUTE"); an id there that does not agree with the hash is stale and dropped when met, so that a message can be withdrawn
-- without knowing its set. A message that waits for a shared limit is instead in keys.limited, sorted set of "LIMIT CAMPAIGN" tab class tab
-- id, all of one score: it becomes due when the limit has room again, whatever its time. Nobody meets what is stale there before that, and
-- people are told how many wait, so who withdraws a message takes it out.

-- Lets a message wait; its counter goes into `changes`. message: id, attempts, first, class, overflow, repeat_of or '', limit or nil.
local function wait(keys, due_key, message, due, changes)
  local details = message.attempts .. '\t' .. message.first .. '\t' .. message.class .. '\t' .. message.overflow
  if message.repeat_of ~= '' then details = details .. '\t' .. message.repeat_of end
  redis.call('HSET', keys.waiting, message.id, details)
  if message.limit then
    local name = message.limit .. ' ' .. message.id:match('^[^/]+')
    redis.call('ZADD', keys.limited, 0, name .. '\t' .. message.class .. '\t' .. message.id)
    redis.call('ZREM', due_key, message.id) -- from before it was withdrawn and restored: it would be due now
  else
    redis.call('ZADD', due_key, due, message.id)
  end
  redis.call('ZADD', keys.schedule, due, message.id)
  add(changes, tonumber(message.attempts) > 0 and 'deferred' or 'pending', 1)
end

-- Takes a message out of those that wait; its id in the set of its class is stale from now on, unless the caller removes it.
local function stop_waiting(keys, id)
  redis.call('HDEL', keys.waiting, id)
  redis.call('ZREM', keys.schedule, id)
end

-- The limits that any message waits for, each with the campaign, as keys.limited names them.
local function limits_of(keys, campaign)
  local names, from = {}, '-'
  while true do
    local member = redis.call('ZRANGEBYLEX', keys.limited, from, '+', 'LIMIT', 0, 1)[1]
    if not member then return names end
    local limit = member:match('^%S+')
    names[#names + 1] = limit .. ' ' .. campaign
    from = '(' .. limit .. ' \255'
  end
end

-- Withdraws a message that may wait. names: of limits_of its campaign.
local function withdraw(keys, id, names)
  local details = #names > 0 and redis.call('HGET', keys.waiting, id)
  if details then
    local _attempts, _first, class = values_of(details, 4)
    for _, name in ipairs(names) do redis.call('ZREM', keys.limited, name .. '\t' .. class .. '\t' .. id) end
  end
  stop_waiting(keys, id)
end

-- A message that was never tried and may go anywhere.
local function untried(id)
  return { id = id, attempts = 0, first = '', class = 'any', overflow = '', repeat_of = '' }
end
