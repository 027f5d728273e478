-- What the ledger keeps of a claim, in a hash per sender: TOKEN → campaign, step, row, attempts, first attempt, class, overflow (and of a
-- repeat Date and Message-ID of what it repeats); and w:TOKEN → route, Message-ID, time of `begin`, recipient, provider, account, overflow
-- (and its Date if it carries an idempotency key), once the message is on the wire.
local function read_claim(text, wire)
  local campaign, step, row, attempts, first, class, rest = values_of(text, 7)
  local overflow, repeat_of = with_optional(rest)
  local keyed, message_id = with_optional(repeat_of)
  local claim = {
    campaign = campaign, step = step, row = row, attempts = attempts, first = first, class = class, overflow = overflow,
    repeat_of = repeat_of, keyed = keyed, message_id = message_id, id = campaign .. '/' .. step .. '/' .. row,
  }
  if wire then
    claim.route, claim.message_id, claim.began, claim.recipient, claim.provider, claim.account, rest = values_of(wire, 7)
    claim.wire_overflow, claim.keyed = with_optional(rest)
  end
  return claim
end

-- The end of the claim's message is unknown: kept until there is evidence. attempts: those that left a record. lost: id of the record that
-- recovery made, '' when its own sender said so. Also why the attempt left its preferred kind of route, and its Date if it carried a key.
local function keep_uncertain(keys, token, claim, attempts, lost)
  redis.call('HSET', keys.uncertain, claim.id, table.concat({ token, claim.route, claim.message_id, attempts, claim.began,
    claim.first, claim.class, claim.overflow, lost, claim.wire_overflow or claim.overflow, claim.keyed }, '\t'))
end

-- What `keep_uncertain` kept; nil when it is nothing.
local function read_uncertain(text, id)
  if not text then return nil end
  local token, route, message_id, attempts, began, first, class, overflow, rest = values_of(text, 9)
  -- What was kept before there were keys ends with `lost`.
  local lost, wire = with_optional(rest)
  local wire_overflow, keyed = with_optional(wire)
  return { id = id, token = token, route = route, message_id = message_id, attempts = tonumber(attempts), began = began, first = first,
    class = class, overflow = overflow, lost = lost, wire_overflow = wire_overflow, keyed = keyed }
end
