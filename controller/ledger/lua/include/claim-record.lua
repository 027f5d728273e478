-- What the ledger keeps of a claim, in a hash per sender: TOKEN → campaign, step, row, attempts, first attempt, class, overflow; and
-- w:TOKEN → route, Message-ID, time of `begin`, once the message is on the wire.
local function read_claim(text, wire)
  local campaign, step, row, attempts, first, class, overflow = values_of(text, 7)
  local claim = {
    campaign = campaign, step = step, row = row, attempts = attempts, first = first, class = class, overflow = overflow,
    id = campaign .. '/' .. step .. '/' .. row,
  }
  if wire then claim.route, claim.message_id, claim.began = values_of(wire, 3) end
  return claim
end

-- The end of the claim's message is unknown: kept until there is evidence. attempts: those that left a record.
local function keep_uncertain(keys, token, claim, attempts)
  redis.call('HSET', keys.uncertain, claim.id, table.concat({ token, claim.route, claim.message_id, attempts, claim.began,
    claim.first, claim.class, claim.overflow }, '\t'))
end
