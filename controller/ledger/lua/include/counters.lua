-- Counters of campaigns: hash CAMPAIGN/NAME → number.

-- Moves messages of a campaign between its counters, and notes the time since when nothing of it is left to do, or forgets that when
-- there is something again. One read and one write: every write is written to the append-only file, too.
-- name: another counter ('' = none) that grows by `by`.
local function count(campaigns, campaign, moves, name, by, now)
  local prefix = campaign .. '/'
  local pending_field, flying_field, deferred_field = prefix .. 'pending', prefix .. 'inFlight', prefix .. 'deferred'
  local completed_field, other_field = prefix .. 'completedMs', prefix .. name
  local values = redis.call('HMGET', campaigns, pending_field, flying_field, deferred_field, completed_field, other_field)
  local pending = tonumber(values[1] or 0) + (moves.pending or 0)
  local flying = tonumber(values[2] or 0) + (moves.inFlight or 0)
  local deferred = tonumber(values[3] or 0) + (moves.deferred or 0)
  local writes, last = {}, 0
  if moves.pending then writes[1], writes[2], last = pending_field, pending, 2 end
  if moves.inFlight then writes[last + 1], writes[last + 2], last = flying_field, flying, last + 2 end
  if moves.deferred then writes[last + 1], writes[last + 2], last = deferred_field, deferred, last + 2 end
  if name ~= '' then writes[last + 1], writes[last + 2], last = other_field, tonumber(values[5] or 0) + by, last + 2 end
  local is_done = pending + flying + deferred == 0
  if is_done and not values[4] then writes[last + 1], writes[last + 2], last = completed_field, now, last + 2 end
  if last > 0 then redis.call('HSET', campaigns, unpack(writes)) end
  if values[4] and not is_done then redis.call('HDEL', campaigns, completed_field) end
end
