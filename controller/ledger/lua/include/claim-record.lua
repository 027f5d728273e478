-- What the ledger keeps of a claim, in a hash per sender: TOKEN → campaign, step, row, attempts, first attempt, class, overflow; and
-- w:TOKEN → route, Message-ID, time of `begin`, recipient, provider, account, overflow, once the message is on the wire.
local function read_claim(text, wire)
  local campaign, step, row, attempts, first, class, overflow = values_of(text, 7)
  local claim = {
    campaign = campaign, step = step, row = row, attempts = attempts, first = first, class = class, overflow = overflow,
    id = campaign .. '/' .. step .. '/' .. row,
  }
  if wire then
    claim.route, claim.message_id, claim.began, claim.recipient, claim.provider, claim.account, claim.wire_overflow = values_of(wire, 7)
  end
  return claim
end

-- The end of the claim's message is unknown: kept until there is evidence. attempts: those that left a record. lost: id of the record that
-- recovery made, '' when its own sender said so.
local function keep_uncertain(keys, token, claim, attempts, lost)
  redis.call('HSET', keys.uncertain, claim.id, table.concat({ token, claim.route, claim.message_id, attempts, claim.began,
    claim.first, claim.class, claim.overflow, lost }, '\t'))
end

-- What `keep_uncertain` kept; nil when it is nothing.
local function read_uncertain(text, id)
  if not text then return nil end
  local token, route, message_id, attempts, began, first, class, overflow, lost = values_of(text, 9)
  return { id = id, token = token, route = route, message_id = message_id, attempts = tonumber(attempts), began = began, first = first,
    class = class, overflow = overflow, lost = lost }
end
