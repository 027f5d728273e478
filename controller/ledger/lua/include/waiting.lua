-- Messages that wait. A message's id is CAMPAIGN/STEP/ROW. keys.waiting: hash id → attempts, first attempt, class, overflow.
-- keys.schedule: sorted set of all that wait, by due time. Besides, each waits in the sorted set of its class (any, esp, or
-- "route ROUTE"); an id there that does not agree with the hash is stale and dropped when met, so that a message can be withdrawn
-- without knowing its set. A message that waits for a shared limit is instead in keys.limited, sorted set of "LIMIT CAMPAIGN" tab class tab
-- id, all of one score: it becomes due when the limit has room again, whatever its time.

-- Lets a message wait; its counter goes into `changes`. message: id, attempts, first, class, overflow, limit or nil.
local function wait(keys, due_key, message, due, changes)
  local details = message.attempts .. '\t' .. message.first .. '\t' .. message.class .. '\t' .. message.overflow
  redis.call('HSET', keys.waiting, message.id, details)
  if message.limit then
    local name = message.limit .. ' ' .. message.id:match('^[^/]+')
    redis.call('ZADD', keys.limited, 0, name .. '\t' .. message.class .. '\t' .. message.id)
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

-- A message that was never tried and may go anywhere.
local function untried(id)
  return { id = id, attempts = 0, first = '', class = 'any', overflow = '' }
end
