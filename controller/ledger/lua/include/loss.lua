-- An error when the tag's content was wiped, else nil. `holder` is the hash that carries the ledger's id for the tag.
-- ids: the ledger's id as this client knows it, and after commas those of lost ledgers that a person let it replace: what carries one of
-- these survived the loss. seen: '1' once the client has found the tag in use.
local function loss(holder, ids, seen)
  local found = redis.call('HGET', holder, 'ledger')
  if found and not (',' .. ids .. ','):find(',' .. found .. ',', 1, true) then
    return redis.error_reply('LEDGERLOST ' .. holder .. ' belongs to the ledger ' .. found)
  end
  if not found and seen == '1' then
    return redis.error_reply('LEDGERLOST ' .. holder .. ' is gone')
  end
  return nil
end

local function current_id(ids)
  return ids:match('^[^,]+')
end
