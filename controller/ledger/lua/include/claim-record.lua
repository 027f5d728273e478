-- What the ledger keeps of a claim, in a hash per sender: TOKEN → campaign, step, row, attempts, first attempt, class, overflow; and
-- w:TOKEN → route, Message-ID, time of `begin`, once the message is on the wire.
local function read_claim(text, wire)
  local parts = split(text)
  local claim = {
    campaign = parts[1], step = parts[2], row = parts[3], attempts = parts[4], first = parts[5], class = parts[6],
    overflow = parts[7], id = parts[1] .. '/' .. parts[2] .. '/' .. parts[3],
  }
  if wire then
    local on_wire = split(wire)
    claim.route, claim.message_id, claim.began = on_wire[1], on_wire[2], on_wire[3]
  end
  return claim
end

-- The end of the claim's message is unknown: kept until there is evidence. attempts: those that left a record.
local function keep_uncertain(keys, token, claim, attempts)
  redis.call('HSET', keys.uncertain, claim.id, table.concat({ token, claim.route, claim.message_id, attempts, claim.began,
    claim.first, claim.class, claim.overflow }, '\t'))
end
