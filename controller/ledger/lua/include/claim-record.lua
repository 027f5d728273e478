-- What the ledger keeps of a claim: hash token → these values in this order. stage: Claimed, then Wire after `begin`.
local CLAIM_FIELDS = { 'campaign', 'step', 'row', 'attempts', 'first', 'class', 'overflow', 'stage', 'route', 'message_id', 'began' }

local function read_claim(text)
  local parts, claim = split(text), {}
  for index, field in ipairs(CLAIM_FIELDS) do claim[field] = parts[index] or '' end
  claim.id = claim.campaign .. '/' .. claim.step .. '/' .. claim.row
  return claim
end

local function write_claim(claim)
  local parts = {}
  for index, field in ipairs(CLAIM_FIELDS) do parts[index] = claim[field] end
  return table.concat(parts, '\t')
end

-- The end of the claim's message is unknown: kept until there is evidence. attempts: those that left a record.
local function keep_uncertain(keys, token, claim, attempts)
  redis.call('HSET', keys.uncertain, claim.id,
    join(token, claim.route, claim.message_id, attempts, claim.began, claim.first, claim.class, claim.overflow))
end
