-- The first of the ids that `loss` knows: the ledger's own.
local function current_id(ids)
  return ids:match('^[^,]+')
end
