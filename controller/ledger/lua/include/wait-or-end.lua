-- Nothing of a campaign that has ended (it was deleted, or its end time passed) waits again. KEYS in `keys`: besides those of `waiting`,
-- campaigns, uncertain and routes.
local ended = {}
local function has_ended(keys, campaign)
  if ended[campaign] == nil then
    ended[campaign] = redis.call('HEXISTS', keys.campaigns, campaign .. '/endedMs') == 1
  end
  return ended[campaign]
end

-- Ends a message that waits or would wait; answers as what, for the caller to note: Cancelled, or a repeat as Uncertain as what it repeats.
local function end_untold(keys, message, token, changes)
  if message.repeat_of == '' then
    add(changes, 'cancelled', 1)
    return 'Cancelled'
  end
  local keyed, message_id = values_of(message.repeat_of, 2)
  local route = message.class:match('^route (.*)$') or ''
  keep_uncertain(keys, token, { id = message.id, route = route, message_id = message_id, began = now_ms(), first = message.first,
    class = message.class, overflow = message.overflow, keyed = keyed }, message.attempts, '')
  redis.call('HINCRBY', keys.routes, route .. '\tuncertain', 1)
  add(changes, 'uncertain', 1)
  return 'Uncertain'
end

-- Lets a message wait, or ends it with its campaign. token: of the claim that it comes back from, '' = none that still counts. Answers as what
-- it ended, for the caller to note; nil = it waits.
local function wait_or_end(keys, due_key, message, due, changes)
  if has_ended(keys, message.id:match('^[^/]+')) then return end_untold(keys, message, message.token or '', changes) end
  wait(keys, due_key, message, due, changes)
  return nil
end
